import { expect } from "vitest";
import { eventually } from "../../eventually.ts";
import type { PresenceContractFixture } from "./fixture.ts";

/** Tests P4 (combined diffs) and P5 (the grace period). */
export function testWatchRules(fixture: PresenceContractFixture): void {
  fixture.testTimedRule("P4", "reports many joins within a window as one diff", async () => {
    const presence = await fixture.createPresence();
    const group = fixture.uniqueName("group");
    const watcher = await fixture.watch(presence, group);
    const members = Array.from({ length: 500 }, (_, index) => `member-${index}`);
    await Promise.all(members.map((member) => presence.join(group, member, `${member}-1`)));
    await fixture.waitForDiffs();
    await eventually(() => expect(watcher.present.size).toBe(500));
    // In real time a slow machine can need several windows. A diff for each member would be 500.
    expect(watcher.diffs.length).toBeLessThanOrEqual(fixture.options.time === "stepped" ? 1 : 20);
    expect(watcher.diffs.at(-1)?.members).toBe(500);
    expect([...watcher.present].toSorted()).toEqual(members.toSorted());
  });

  fixture.testTimedRule("P4", "reports no member that joined and left within a window", async () => {
    const presence = await fixture.createPresence();
    const group = fixture.uniqueName("group");
    const watcher = await fixture.watch(presence, group);
    await presence.join(group, "visitor", "visitor-1");
    await presence.leave(group, "visitor-1");
    await presence.join(group, "ann", "ann-1");
    await fixture.waitForDiffs();
    await eventually(() => expect(watcher.diffs).toHaveLength(1));
    expect(watcher.diffs[0]).toEqual({ group, joined: ["ann"], left: [], members: 1 });
  });

  fixture.testTimedRule(
    "P4",
    "gives each watcher the present members, and then the changes until it stops",
    async () => {
      const presence = await fixture.createPresence();
      const group = fixture.uniqueName("group");
      await presence.join(group, "ann", "ann-1");
      await fixture.waitForDiffs();
      const [watcherA, watcherB] = [await fixture.watch(presence, group), await fixture.watch(presence, group)];
      expect([...watcherA.present]).toEqual(["ann"]);
      await presence.join(fixture.uniqueName("other"), "eve", "eve-1");
      await presence.join(group, "bob", "bob-1");
      await fixture.waitForDiffs();
      await eventually(() => expect(watcherA.diffs).toHaveLength(1));
      expect(watcherB.diffs).toEqual(watcherA.diffs);
      await watcherA.stop();
      await watcherA.stop();
      await presence.leave(group, "ann-1");
      await fixture.waitForDiffs();
      await eventually(() => expect([...watcherB.present]).toEqual(["bob"]));
      expect(watcherA.diffs).toHaveLength(1);
    },
  );

  fixture.testTimedRule("P4", "notifies the other listeners when one throws", async () => {
    const presence = await fixture.createPresence();
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

  fixture.testTimedRule(
    "P5",
    "keeps a member whose connection was lost for the grace period, then removes it",
    async () => {
      const presence = await fixture.createPresence();
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
    },
  );

  fixture.testTimedRule("P5", "reports nothing when a connection is lost and restored repeatedly", async () => {
    const presence = await fixture.createPresence();
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
    "applies the grace period in every group of a lost connection, unless the member has another one",
    async () => {
      const presence = await fixture.createPresence();
      const [groupA, groupB] = [fixture.uniqueName("group"), fixture.uniqueName("group")];
      await presence.join(groupA, "ann", "ann-1");
      await presence.join(groupB, "ann", "ann-1");
      await presence.join(groupB, "ann", "ann-2");
      await presence.disconnect("ann-1");
      await fixture.advance(fixture.times.graceMs + 1);
      await eventually(async () => expect(await presence.has(groupA, "ann")).toBe(false));
      expect(await presence.members(groupB)).toMatchObject([{ member: "ann", connections: 1 }]);
    },
  );
}
