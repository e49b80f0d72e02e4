import { expect } from "vitest";
import { defaultTimeoutMs } from "../../default-timeout.ts";
import { eventually } from "../../eventually.ts";
import type { LayerContractFixture } from "./fixture.ts";

/** Tests L11 (a lost server), L12 (flush and close) and L13 (leaks). */
export function testLifecycleRules(fixture: LayerContractFixture): void {
  fixture.testRule(
    "L11",
    "reconnects, restores subscriptions and groups, and reports the gap once to every listener",
    async () => {
      const { server } = fixture.options;
      if (server === undefined) throw new Error("layerContract requires a server or a reason.");
      const layer = await fixture.createLayer();
      const group = fixture.uniqueName("group");
      const members = [await fixture.createMember(layer, group), await fixture.createMember(layer, group)];
      const alone = await fixture.createListener(layer);
      await layer.groupSend(group, { type: "before" });
      for (const { inbox } of members) await inbox.waitForType("before");
      const before = Date.now();
      await server.disconnect();
      await server.reconnect();
      for (const { inbox } of [...members, alone]) {
        const [gap] = await inbox.waitForGaps(1, defaultTimeoutMs(15_000));
        expect(gap?.since).toBeGreaterThanOrEqual(before - 1_000);
        expect(gap?.until).toBeGreaterThanOrEqual(gap?.since ?? Number.POSITIVE_INFINITY);
        expect(gap?.until).toBeLessThanOrEqual(Date.now() + 1_000);
      }
      await layer.groupSend(group, { type: "after" });
      await layer.send(alone.channel, { type: "after" });
      for (const { inbox } of [...members, alone]) {
        await inbox.waitForType("after");
        expect(inbox.gaps).toHaveLength(1);
      }
      expect(layer.stats().gaps).toBe(1);
    },
    "server",
  );

  fixture.testRule("L12", "is empty after flush and can be used again", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const member = await fixture.createMember(layer, group);
    const waiting = layer.newChannel();
    await layer.send(waiting, { type: "flushed" });
    await layer.flush();
    expect(layer.stats()).toMatchObject({ groups: 0, memberships: 0 });
    await layer.groupSend(group, { type: "no.members" });
    const fresh = await fixture.createMember(layer, group);
    await layer.groupSend(group, { type: "used.again" });
    await fresh.inbox.waitForType("used.again");
    expect(fresh.inbox.messages).toEqual([{ type: "used.again" }]);
    expect(member.inbox.messages).toEqual([]);
    const late = await fixture.createListener(layer, waiting);
    expect(await fixture.receivedTypes(layer, late)).toEqual([]);
  });

  fixture.testRule("L12", "rejects operations after close, except those that end something", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const member = await fixture.createMember(layer, group);
    const pending = layer.receive(layer.newChannel());
    const layerClosed = { code: "LayerClosed" };
    const rejection = expect(pending).rejects.toMatchObject(layerClosed);
    await layer.close();
    await layer.close();
    await rejection;
    await expect(layer.send(member.channel, { type: "late" })).rejects.toMatchObject(layerClosed);
    await expect(layer.groupSend(group, { type: "late" })).rejects.toMatchObject(layerClosed);
    await expect(layer.groupAdd(group, member.channel)).rejects.toMatchObject(layerClosed);
    await expect(fixture.createListener(layer)).rejects.toMatchObject(layerClosed);
    await expect(layer.receive("channel")).rejects.toMatchObject(layerClosed);
    await expect(layer.groupDiscard(group, member.channel)).resolves.toBeUndefined();
    await expect(member.unsubscribe()).resolves.toBeUndefined();
    expect(layer.stats()).toMatchObject({ channels: 0, groups: 0, memberships: 0 });
    expect(member.inbox.messages).toEqual([]);
  });

  fixture.testRule("L12", "leaves nothing after close that keeps the process alive", async () => {
    const before = listActiveResources();
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const member = await fixture.createMember(layer, group);
    await layer.groupSend(group, { type: "busy" });
    await member.inbox.waitForType("busy");
    await layer.send(layer.newChannel(), { type: "waits" });
    await layer.close();
    // Resources of earlier tests may have ended in the meantime, but none may have been added.
    await eventually(() => expect(findAdded(listActiveResources(), before)).toEqual([]));
    expect(fixture.pendingTimers).toBe(0);
  });

  const cycles = fixture.options.leakCycles ?? 10_000;
  fixture.testRule("L13", `leaves no channel, membership or timer behind after ${cycles} listeners`, async () => {
    const prefix = fixture.uniqueName("prefix");
    const layer = await fixture.createLayer({ prefix });
    const groups = Array.from({ length: 10 }, () => fixture.uniqueName("group"));
    const batch = 100;
    for (let done = 0; done < cycles; done += batch) {
      const pending = Array.from({ length: Math.min(batch, cycles - done) }, async (_, index) => {
        const group = groups[index % groups.length] ?? "group";
        const listener = await fixture.createMember(layer, group);
        await layer.groupSend(group, { type: "hello" });
        await listener.inbox.waitForType("hello");
        // Half of them leave their group first.
        if (index % 2 === 0) await layer.groupDiscard(group, listener.channel);
        await listener.unsubscribe();
      });
      await Promise.all(pending);
    }
    expect(layer.stats()).toMatchObject({ channels: 0, groups: 0, memberships: 0 });
    expect(fixture.pendingTimers).toBe(0);
    const residue = fixture.options.listLeftovers;
    if (residue !== undefined) await eventually(async () => expect(await residue(prefix)).toEqual([]));
  });
}

/** Lists the resources that keep the process alive. */
function listActiveResources(): readonly string[] {
  const kinds = new Set(["TCPSocketWrap", "TLSWrap", "TCPServerWrap", "Timeout", "GetAddrInfoReqWrap"]);
  return process
    .getActiveResourcesInfo()
    .filter((kind) => kinds.has(kind))
    .toSorted();
}

/** Returns the resources that are in `now` more often than in `before`. */
function findAdded(now: readonly string[], before: readonly string[]): readonly string[] {
  const unmatched = [...before];
  return now.filter((kind) => {
    const index = unmatched.indexOf(kind);
    if (index !== -1) unmatched.splice(index, 1);
    return index === -1;
  });
}
