import { expect } from "vitest";
import { eventually } from "../../eventually.ts";
import type { PresenceContractFixture } from "./fixture.ts";

/** Tests P7 (leases), P8 (suspended processes) and P10 (several processes, and their end). */
export function testProcessRules(fixture: PresenceContractFixture): void {
  fixture.testTimedRule(
    "P7",
    "removes the members of a crashed process when its lease expires, and keeps the others",
    async () => {
      const prefix = fixture.uniqueName("prefix");
      const [firstCrash, secondCrash, alive] = [
        await fixture.createProcess(prefix),
        await fixture.createProcess(prefix),
        await fixture.createProcess(prefix),
      ];
      const group = fixture.uniqueName("group");
      await firstCrash.presence.join(group, "ann", "ann-1");
      await firstCrash.presence.join(group, "both", "both-1");
      await alive.presence.join(group, "both", "both-2");
      await secondCrash.presence.join(group, "bob", "bob-1");
      await fixture.waitForDiffs();
      const watcher = await fixture.watch(alive.presence, group);
      firstCrash.clock.pause();
      await fixture.advance(fixture.times.leaseMs * 0.5);
      expect(await alive.presence.counts(group)).toEqual({ members: 3, connections: 4 });
      await fixture.advance(fixture.times.leaseMs * 0.5 + fixture.times.renewMs);
      await fixture.waitForDiffs();
      await eventually(() => expect([...watcher.present].toSorted()).toEqual(["bob", "both"]));
      expect(await alive.presence.counts(group)).toEqual({ members: 2, connections: 2 });
      // Renewals keep the members of the running processes, far beyond one lease.
      await fixture.advance(fixture.times.leaseMs * 3);
      expect(await alive.presence.counts(group)).toEqual({ members: 2, connections: 2 });
      secondCrash.clock.pause();
      await fixture.advance(fixture.times.leaseMs + fixture.times.renewMs);
      await fixture.waitForDiffs();
      await eventually(() => expect([...watcher.present]).toEqual(["both"]));
    },
  );

  fixture.testTimedRule("P8", "restores the members of a suspended process when it resumes", async () => {
    const prefix = fixture.uniqueName("prefix");
    const [suspended, other] = [await fixture.createProcess(prefix), await fixture.createProcess(prefix)];
    const group = fixture.uniqueName("group");
    await suspended.presence.join(group, "ann", "ann-1");
    await suspended.presence.join(group, "bob", "bob-1");
    suspended.clock.pause();
    await fixture.advance(fixture.times.leaseMs + fixture.times.renewMs);
    await eventually(async () => expect(await other.presence.counts(group)).toEqual({ members: 0, connections: 0 }));
    await suspended.presence.leave(group, "bob-1");
    suspended.clock.resume();
    await fixture.advance(fixture.times.renewMs);
    await eventually(async () => expect(await other.presence.has(group, "ann")).toBe(true));
    expect(await other.presence.counts(group)).toEqual({ members: 1, connections: 1 });
  });

  fixture.testTimedRule("P10", "shows every process the same members, and notifies the watchers of each", async () => {
    const prefix = fixture.uniqueName("prefix");
    const [first, second] = [await fixture.createPresence(prefix), await fixture.createPresence(prefix)];
    const group = fixture.uniqueName("group");
    const watchers = [await fixture.watch(first, group), await fixture.watch(second, group)];
    await first.join(group, "ann", "ann-first");
    await second.join(group, "ann", "ann-second");
    await second.join(group, "bob", "bob-second");
    expect(await first.counts(group)).toEqual({ members: 2, connections: 3 });
    expect(await second.counts(group)).toEqual({ members: 2, connections: 3 });
    await first.leave(group, "ann-first");
    await fixture.waitForDiffs();
    for (const { present } of watchers) {
      await eventually(() => expect([...present].toSorted()).toEqual(["ann", "bob"]));
    }
  });

  fixture.testTimedRule(
    "P10",
    "reports no change of members that reconnect to another process within the grace period",
    async () => {
      const prefix = fixture.uniqueName("prefix");
      const [old, next] = [await fixture.createPresence(prefix), await fixture.createPresence(prefix)];
      const group = fixture.uniqueName("group");
      for (const member of ["ann", "bob"]) await old.join(group, member, `${member}-old`);
      await fixture.waitForDiffs();
      const watcher = await fixture.watch(next, group);
      await old.close();
      await old.close();
      expect(await next.counts(group)).toEqual({ members: 2, connections: 0 });
      await fixture.advance(fixture.times.graceMs * 0.5);
      await next.join(group, "ann", "ann-new");
      await fixture.advance(fixture.times.graceMs * 0.5 + 1);
      await fixture.waitForDiffs();
      await eventually(() => expect(watcher.diffs).toEqual([{ group, joined: [], left: ["bob"], members: 1 }]));
      await expect(old.join(group, "late", "late-1")).rejects.toMatchObject({ code: "PresenceClosed" });
      await expect(old.watch(group, () => undefined)).rejects.toMatchObject({ code: "PresenceClosed" });
      await expect(old.disconnect("ann-old")).resolves.toBeUndefined();
    },
  );

  const cycles = fixture.options.leakCycles ?? 10_000;
  fixture.testRule("P10", `leaves no member, connection or timer behind after ${cycles} connections`, async () => {
    const presence = await fixture.createPresence();
    const groups = Array.from({ length: 10 }, () => fixture.uniqueName("group"));
    const watches = await Promise.all(groups.map((group) => fixture.watch(presence, group)));
    for (let done = 0; done < cycles; done += 100) {
      const pending = Array.from({ length: Math.min(100, cycles - done) }, async (_, index) => {
        const connection = `connection-${done + index}`;
        const group = groups[index % groups.length] ?? "group";
        await presence.join(group, `member-${index % 7}`, connection);
        if (index % 2 === 0) await presence.leave(group, connection);
        await presence.disconnect(connection);
      });
      await Promise.all(pending);
    }
    await fixture.advance(fixture.times.graceMs + 1);
    await fixture.waitForDiffs();
    await eventually(async () => {
      for (const group of groups) expect(await presence.counts(group)).toEqual({ members: 0, connections: 0 });
    });
    for (const { stop } of watches) await stop();
    expect(presence.stats()).toEqual({ groups: 0, members: 0, connections: 0, watches: 0 });
    expect(fixture.pendingTimers).toBe(0);
  });
}
