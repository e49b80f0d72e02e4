import { expect } from "vitest";
import { eventually } from "../eventually.ts";
import {
  describeWithFixture,
  PresenceContractFixture,
  type PresenceContractOptions,
  type PresenceFactory,
} from "./fixture.ts";
import { modelRules } from "./model-rules.ts";

/**
 * Declares, in a vitest file, the tests of the rules P1 to P10 for a presence.
 *
 * ```ts
 * presenceContract("InMemoryPresence", (options) => new InMemoryPresence(options), { time: "stepped" });
 * ```
 */
export function presenceContract(name: string, make: PresenceFactory, options: PresenceContractOptions = {}): void {
  describeWithFixture(name, new PresenceContractFixture(make, options), (fixture) => {
    memberRules(fixture);
    watchRules(fixture);
    processRules(fixture);
    modelRules(fixture);
  });
}

/** P1 who is present, P2 twice is once, P3 counts, P6 leaving on purpose, P9 isolation. */
function memberRules(fixture: PresenceContractFixture): void {
  fixture.testRule("P1", "counts a member as present from its first connection on", async () => {
    const presence = await fixture.presence();
    const group = fixture.uniqueName("group");
    expect(await presence.has(group, "ann")).toBe(false);
    expect(await presence.members(group)).toEqual([]);
    await presence.join(group, "ann", "ann-1");
    expect(await presence.has(group, "ann")).toBe(true);
    const [ann] = await presence.members(group);
    expect(ann).toEqual({ member: "ann", connections: 1, since: expect.any(Number) });
  });

  fixture.testRule("P2", "takes a join twice as once, and the leave of what is not there", async () => {
    const presence = await fixture.presence();
    const group = fixture.uniqueName("group");
    await presence.join(group, "ann", "ann-1");
    const before = await presence.members(group);
    await fixture.advance(fixture.times.windowMs);
    await presence.join(group, "ann", "ann-1");
    expect(await presence.counts(group)).toEqual({ members: 1, connections: 1 });
    expect(await presence.members(group)).toEqual(before);
    await presence.leave(group, "unknown");
    await presence.leave(fixture.uniqueName("unknown"), "ann-1");
    await presence.disconnect("unknown");
    expect(await presence.counts(group)).toEqual({ members: 1, connections: 1 });
    await presence.leave(group, "ann-1");
    await presence.leave(group, "ann-1");
    expect(await presence.counts(group)).toEqual({ members: 0, connections: 0 });
  });

  fixture.testRule("P2", "lets a connection that joins as somebody else leave as who it was", async () => {
    const presence = await fixture.presence();
    const group = fixture.uniqueName("group");
    await presence.join(group, "guest", "c-1");
    await presence.join(group, "ann", "c-1");
    expect((await presence.members(group)).map(({ member }) => member)).toEqual(["ann"]);
    expect(await presence.counts(group)).toEqual({ members: 1, connections: 1 });
  });

  fixture.testRule("P3", "counts a member once, with all of its connections", async () => {
    const presence = await fixture.presence();
    const group = fixture.uniqueName("group");
    for (const device of ["phone", "laptop", "tablet"]) await presence.join(group, "ann", `ann-${device}`);
    await presence.join(group, "bob", "bob-1");
    expect(await presence.counts(group)).toEqual({ members: 2, connections: 4 });
    await presence.leave(group, "ann-phone");
    const members = await presence.members(group);
    expect(Object.fromEntries(members.map(({ member, connections }) => [member, connections]))).toEqual({
      ann: 2,
      bob: 1,
    });
    expect(await presence.counts(group)).toEqual({ members: 2, connections: 3 });
  });

  fixture.testTimedRule("P6", "lets a member go at once when its last connection leaves on purpose", async () => {
    const presence = await fixture.presence();
    const group = fixture.uniqueName("group");
    const watcher = await fixture.watch(presence, group);
    await presence.join(group, "ann", "ann-1");
    await presence.join(group, "ann", "ann-2");
    await fixture.waitForDiffs();
    await presence.leave(group, "ann-1");
    expect(await presence.has(group, "ann")).toBe(true);
    await presence.leave(group, "ann-2");
    expect(await presence.has(group, "ann")).toBe(false);
    await fixture.waitForDiffs();
    await eventually(() => expect(watcher.diffs.at(-1)).toMatchObject({ joined: [], left: ["ann"], members: 0 }));
    expect(watcher.diffs).toHaveLength(2);
    await watcher.stop();
    expect(fixture.pendingTimers).toBe(0);
  });

  fixture.testRule("P9", "keeps groups apart, and presences of different prefixes", async () => {
    const [here, there] = [await fixture.presence(), await fixture.presence()];
    const [one, two] = [fixture.uniqueName("group"), fixture.uniqueName("group")];
    await here.join(one, "ann", "ann-1");
    await here.join(two, "bob", "ann-1");
    expect((await here.members(one)).map(({ member }) => member)).toEqual(["ann"]);
    expect((await here.members(two)).map(({ member }) => member)).toEqual(["bob"]);
    expect(await there.counts(one)).toEqual({ members: 0, connections: 0 });
    await here.leave(one, "ann-1");
    expect(await here.has(two, "bob")).toBe(true);
  });

  fixture.testRule("P9", "refuses names that break their form", async () => {
    const presence = await fixture.presence();
    await expect(presence.join("two words", "ann", "ann-1")).rejects.toMatchObject({ details: { kind: "group" } });
    for (const id of ["", "x".repeat(201)]) {
      await expect(presence.join("group", id, "c")).rejects.toMatchObject({ details: { kind: "member" } });
      await expect(presence.join("group", "ann", id)).rejects.toMatchObject({ details: { kind: "connection" } });
    }
  });
}

/** P4 aggregated diffs, P5 grace. */
function watchRules(fixture: PresenceContractFixture): void {
  fixture.testTimedRule("P4", "tells a storm of joins as one diff", async () => {
    const presence = await fixture.presence();
    const group = fixture.uniqueName("group");
    const watcher = await fixture.watch(presence, group);
    const storm = Array.from({ length: 500 }, (_, index) => `member-${index}`);
    await Promise.all(storm.map((member) => presence.join(group, member, `${member}-1`)));
    await fixture.waitForDiffs();
    await eventually(() => expect(watcher.present.size).toBe(500));
    // A slow machine may need a second window where time is real; 500 diffs would be one a member.
    expect(watcher.diffs.length).toBeLessThanOrEqual(fixture.options.time === "stepped" ? 1 : 20);
    expect(watcher.diffs.at(-1)?.members).toBe(500);
    expect([...watcher.present].toSorted()).toEqual(storm.toSorted());
  });

  fixture.testTimedRule("P4", "tells nothing of who came and went within a window", async () => {
    const presence = await fixture.presence();
    const group = fixture.uniqueName("group");
    const watcher = await fixture.watch(presence, group);
    await presence.join(group, "passer-by", "p-1");
    await presence.leave(group, "p-1");
    await presence.join(group, "ann", "ann-1");
    await fixture.waitForDiffs();
    await eventually(() => expect(watcher.diffs).toHaveLength(1));
    expect(watcher.diffs[0]).toEqual({ group, joined: ["ann"], left: [], members: 1 });
  });

  fixture.testTimedRule(
    "P4",
    "shows who is there already, and then only changes, to each watcher until it stops",
    async () => {
      const presence = await fixture.presence();
      const group = fixture.uniqueName("group");
      await presence.join(group, "ann", "ann-1");
      await fixture.waitForDiffs();
      const [one, two] = [await fixture.watch(presence, group), await fixture.watch(presence, group)];
      expect([...one.present]).toEqual(["ann"]);
      await presence.join(fixture.uniqueName("other"), "eve", "eve-1");
      await presence.join(group, "bob", "bob-1");
      await fixture.waitForDiffs();
      await eventually(() => expect(one.diffs).toHaveLength(1));
      expect(two.diffs).toEqual(one.diffs);
      await one.stop();
      await one.stop();
      await presence.leave(group, "ann-1");
      await fixture.waitForDiffs();
      await eventually(() => expect([...two.present]).toEqual(["bob"]));
      expect(one.diffs).toHaveLength(1);
    },
  );

  fixture.testTimedRule("P4", "tells the others when one listener throws", async () => {
    const presence = await fixture.presence();
    const group = fixture.uniqueName("group");
    const failing = await presence.watch(group, () => {
      throw new Error("broken listener");
    });
    const watcher = await fixture.watch(presence, group);
    await presence.join(group, "ann", "ann-1");
    await fixture.waitForDiffs();
    await eventually(() => expect([...watcher.present]).toEqual(["ann"]));
    await failing.stop();
  });

  fixture.testTimedRule("P5", "keeps a member whose connection was lost for the grace, then lets it go", async () => {
    const presence = await fixture.presence();
    const group = fixture.uniqueName("group");
    await presence.join(group, "ann", "ann-1");
    await fixture.waitForDiffs();
    const watcher = await fixture.watch(presence, group);
    await presence.disconnect("ann-1");
    expect(await presence.counts(group)).toEqual({ members: 1, connections: 0 });
    await fixture.advance(fixture.times.graceMs * 0.6);
    expect(await presence.has(group, "ann")).toBe(true);
    expect(watcher.diffs).toEqual([]);
    await fixture.advance(fixture.times.graceMs * 0.4 + 1);
    await fixture.waitForDiffs();
    await eventually(() => expect(watcher.diffs).toEqual([{ group, joined: [], left: ["ann"], members: 0 }]));
    expect(await presence.has(group, "ann")).toBe(false);
  });

  fixture.testTimedRule("P5", "says nothing of a connection that flaps, however often", async () => {
    const presence = await fixture.presence();
    const group = fixture.uniqueName("group");
    await presence.join(group, "ann", "ann-0");
    await fixture.waitForDiffs();
    const watcher = await fixture.watch(presence, group);
    const [{ since } = { since: 0 }] = await presence.members(group);
    for (let round = 1; round <= 5; round += 1) {
      await presence.disconnect(`ann-${round - 1}`);
      await fixture.advance(fixture.times.graceMs * 0.5);
      await presence.join(group, "ann", `ann-${round}`);
    }
    await fixture.advance(fixture.times.graceMs + 1);
    await fixture.waitForDiffs();
    expect(watcher.diffs).toEqual([]);
    expect(await presence.members(group)).toEqual([{ member: "ann", connections: 1, since }]);
  });

  fixture.testTimedRule(
    "P5",
    "gives the grace in every group of a lost connection, and none to who is there by another",
    async () => {
      const presence = await fixture.presence();
      const [one, two] = [fixture.uniqueName("group"), fixture.uniqueName("group")];
      await presence.join(one, "ann", "ann-1");
      await presence.join(two, "ann", "ann-1");
      await presence.join(two, "ann", "ann-2");
      await presence.disconnect("ann-1");
      await fixture.advance(fixture.times.graceMs + 1);
      await eventually(async () => expect(await presence.has(one, "ann")).toBe(false));
      expect(await presence.members(two)).toMatchObject([{ member: "ann", connections: 1 }]);
    },
  );
}

/** P7 leases, P8 a process that stood still, P10 several processes and their end. */
function processRules(fixture: PresenceContractFixture): void {
  fixture.testTimedRule(
    "P7",
    "lets the members of a process that died go when its lease ends, and keeps the others",
    async () => {
      const prefix = fixture.uniqueName("prefix");
      const [doomed, next, alive] = [
        await fixture.createProcess(prefix),
        await fixture.createProcess(prefix),
        await fixture.createProcess(prefix),
      ];
      const group = fixture.uniqueName("group");
      await doomed.createPresence.join(group, "ann", "ann-1");
      await doomed.createPresence.join(group, "both", "both-1");
      await alive.createPresence.join(group, "both", "both-2");
      await next.createPresence.join(group, "bob", "bob-1");
      await fixture.waitForDiffs();
      const watcher = await fixture.watch(alive.createPresence, group);
      doomed.clock.pause();
      await fixture.advance(fixture.times.leaseMs * 0.5);
      expect(await alive.createPresence.counts(group)).toEqual({ members: 3, connections: 4 });
      await fixture.advance(fixture.times.leaseMs * 0.5 + fixture.times.renewMs);
      await fixture.waitForDiffs();
      await eventually(() => expect([...watcher.present].toSorted()).toEqual(["bob", "both"]));
      expect(await alive.createPresence.counts(group)).toEqual({ members: 2, connections: 2 });
      // Signs of life keep the living, for many leases.
      await fixture.advance(fixture.times.leaseMs * 3);
      expect(await alive.createPresence.counts(group)).toEqual({ members: 2, connections: 2 });
      next.clock.pause();
      await fixture.advance(fixture.times.leaseMs + fixture.times.renewMs);
      await fixture.waitForDiffs();
      await eventually(() => expect([...watcher.present]).toEqual(["both"]));
    },
  );

  fixture.testTimedRule("P8", "gives a process that stood still its members back when it goes on", async () => {
    const prefix = fixture.uniqueName("prefix");
    const [stalled, other] = [await fixture.createProcess(prefix), await fixture.createProcess(prefix)];
    const group = fixture.uniqueName("group");
    await stalled.createPresence.join(group, "ann", "ann-1");
    await stalled.createPresence.join(group, "bob", "bob-1");
    stalled.clock.pause();
    await fixture.advance(fixture.times.leaseMs + fixture.times.renewMs);
    await eventually(async () =>
      expect(await other.createPresence.counts(group)).toEqual({ members: 0, connections: 0 }),
    );
    await stalled.createPresence.leave(group, "bob-1");
    stalled.clock.resume();
    await fixture.advance(fixture.times.renewMs);
    await eventually(async () => expect(await other.createPresence.has(group, "ann")).toBe(true));
    expect(await other.createPresence.counts(group)).toEqual({ members: 1, connections: 1 });
  });

  fixture.testTimedRule("P10", "shows every process the same, and tells the watchers of each", async () => {
    const prefix = fixture.uniqueName("prefix");
    const [here, there] = [await fixture.presence(prefix), await fixture.presence(prefix)];
    const group = fixture.uniqueName("group");
    const watchers = [await fixture.watch(here, group), await fixture.watch(there, group)];
    await here.join(group, "ann", "ann-here");
    await there.join(group, "ann", "ann-there");
    await there.join(group, "bob", "bob-there");
    expect(await here.counts(group)).toEqual({ members: 2, connections: 3 });
    expect(await there.counts(group)).toEqual({ members: 2, connections: 3 });
    await here.leave(group, "ann-here");
    await fixture.waitForDiffs();
    for (const { present } of watchers) {
      await eventually(() => expect([...present].toSorted()).toEqual(["ann", "bob"]));
    }
  });

  fixture.testTimedRule(
    "P10",
    "hands members over without a word when their process closes and they come back elsewhere",
    async () => {
      const prefix = fixture.uniqueName("prefix");
      const [old, next] = [await fixture.presence(prefix), await fixture.presence(prefix)];
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
  fixture.testRule(
    "P10",
    `leaves no member, connection or timer behind after ${cycles} connections came and went`,
    async () => {
      const presence = await fixture.presence();
      const groups = Array.from({ length: 10 }, () => fixture.uniqueName("group"));
      const watches = await Promise.all(groups.map((group) => fixture.watch(presence, group)));
      for (let done = 0; done < cycles; done += 100) {
        const comings = Array.from({ length: Math.min(100, cycles - done) }, async (_, index) => {
          const connection = `connection-${done + index}`;
          const group = groups[index % groups.length] ?? "group";
          await presence.join(group, `member-${index % 7}`, connection);
          if (index % 2 === 0) await presence.leave(group, connection);
          await presence.disconnect(connection);
        });
        await Promise.all(comings);
      }
      await fixture.advance(fixture.times.graceMs + 1);
      await fixture.waitForDiffs();
      await eventually(async () => {
        for (const group of groups) expect(await presence.counts(group)).toEqual({ members: 0, connections: 0 });
      });
      for (const { stop } of watches) await stop();
      expect(presence.stats()).toEqual({ groups: 0, members: 0, connections: 0, watches: 0 });
      expect(fixture.pendingTimers).toBe(0);
    },
  );
}
