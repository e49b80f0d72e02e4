import { expect } from "vitest";
import { defaultTimeoutMs } from "./default-timeout.ts";
import { eventually } from "./eventually.ts";
import type { LayerContractKit } from "./layer-contract-kit.ts";

/** L11 a lost server, L12 flush and close, L13 nothing left behind. */
export function lifeRules(kit: LayerContractKit): void {
  kit.rule(
    "L11",
    "comes back by itself, whole, and tells every listener once that there may be a gap, and since when",
    async () => {
      const { server } = kit.options;
      if (server === undefined) throw new Error("layerContract checks that there is a server or a reason for none.");
      const layer = await kit.layer();
      const group = kit.name("group");
      const members = [await kit.member(layer, group), await kit.member(layer, group)];
      const alone = await kit.listen(layer);
      await layer.groupSend(group, { type: "before" });
      for (const { inbox } of members) await inbox.sees("before");
      const before = Date.now();
      await server.disconnect();
      await server.reconnect();
      for (const { inbox } of [...members, alone]) {
        const [gap] = await inbox.gapped(1, defaultTimeoutMs(15_000));
        expect(gap?.since).toBeGreaterThanOrEqual(before - 1_000);
        expect(gap?.until).toBeGreaterThanOrEqual(gap?.since ?? Number.POSITIVE_INFINITY);
        expect(gap?.until).toBeLessThanOrEqual(Date.now() + 1_000);
      }
      await layer.groupSend(group, { type: "after" });
      await layer.send(alone.channel, { type: "after" });
      for (const { inbox } of [...members, alone]) {
        await inbox.sees("after");
        expect(inbox.gaps).toHaveLength(1);
      }
      expect(layer.stats().gaps).toBe(1);
    },
    "server",
  );

  kit.rule("L12", "is empty after flush and can be used again", async () => {
    const layer = await kit.layer();
    const group = kit.name("group");
    const member = await kit.member(layer, group);
    const waiting = layer.newChannel();
    await layer.send(waiting, { type: "flushed" });
    await layer.flush();
    expect(layer.stats()).toMatchObject({ groups: 0, memberships: 0 });
    await layer.groupSend(group, { type: "to.nobody" });
    const fresh = await kit.member(layer, group);
    await layer.groupSend(group, { type: "used.again" });
    await fresh.inbox.sees("used.again");
    expect(fresh.inbox.messages).toEqual([{ type: "used.again" }]);
    expect(member.inbox.messages).toEqual([]);
    const late = await kit.listen(layer, waiting);
    expect(await kit.upToNow(layer, late)).toEqual([]);
  });

  kit.rule("L12", "refuses everything after close, once or twice, and lets what ends late end", async () => {
    const layer = await kit.layer();
    const group = kit.name("group");
    const member = await kit.member(layer, group);
    const waiting = layer.receive(layer.newChannel());
    const refused = { code: "LayerClosed" };
    const failing = expect(waiting).rejects.toMatchObject(refused);
    await layer.close();
    await layer.close();
    await failing;
    await expect(layer.send(member.channel, { type: "late" })).rejects.toMatchObject(refused);
    await expect(layer.groupSend(group, { type: "late" })).rejects.toMatchObject(refused);
    await expect(layer.groupAdd(group, member.channel)).rejects.toMatchObject(refused);
    await expect(kit.listen(layer)).rejects.toMatchObject(refused);
    await expect(layer.receive("channel")).rejects.toMatchObject(refused);
    await expect(layer.groupDiscard(group, member.channel)).resolves.toBeUndefined();
    await expect(member.end()).resolves.toBeUndefined();
    expect(layer.stats()).toMatchObject({ channels: 0, groups: 0, memberships: 0 });
    expect(member.inbox.messages).toEqual([]);
  });

  kit.rule("L12", "leaves nothing running after close that would keep the process", async () => {
    const before = running();
    const layer = await kit.layer();
    const group = kit.name("group");
    const member = await kit.member(layer, group);
    await layer.groupSend(group, { type: "busy" });
    await member.inbox.sees("busy");
    await layer.send(layer.newChannel(), { type: "waits" });
    await layer.close();
    // What an earlier test still had may have ended in the meantime; nothing may have come.
    await eventually(() => expect(beyond(running(), before)).toEqual([]));
    expect(kit.pendingTimers).toBe(0);
  });

  const cycles = kit.options.leakCycles ?? 10_000;
  kit.rule("L13", `leaves no channel, membership or timer behind after ${cycles} listeners came and went`, async () => {
    const prefix = kit.name("prefix");
    const layer = await kit.layer({ prefix });
    const groups = Array.from({ length: 10 }, () => kit.name("group"));
    const batch = 100;
    for (let done = 0; done < cycles; done += batch) {
      const comings = Array.from({ length: Math.min(batch, cycles - done) }, async (_, index) => {
        const group = groups[index % groups.length] ?? "group";
        const listener = await kit.member(layer, group);
        await layer.groupSend(group, { type: "hello" });
        await listener.inbox.sees("hello");
        // Half of them say good-bye to their group, the others just go.
        if (index % 2 === 0) await layer.groupDiscard(group, listener.channel);
        await listener.end();
      });
      await Promise.all(comings);
    }
    expect(layer.stats()).toMatchObject({ channels: 0, groups: 0, memberships: 0 });
    expect(kit.pendingTimers).toBe(0);
    const residue = kit.options.residue;
    if (residue !== undefined) await eventually(async () => expect(await residue(prefix)).toEqual([]));
  });
}

/** What keeps the process alive, apart from what the test runner itself has. */
function running(): readonly string[] {
  const kinds = new Set(["TCPSocketWrap", "TLSWrap", "TCPServerWrap", "Timeout", "GetAddrInfoReqWrap"]);
  return process
    .getActiveResourcesInfo()
    .filter((kind) => kinds.has(kind))
    .toSorted();
}

/** What is in one list more often than in the other. */
function beyond(now: readonly string[], before: readonly string[]): readonly string[] {
  const left = [...before];
  return now.filter((kind) => {
    const place = left.indexOf(kind);
    if (place !== -1) left.splice(place, 1);
    return place === -1;
  });
}
