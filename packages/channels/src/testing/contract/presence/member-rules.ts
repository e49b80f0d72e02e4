import { expect } from "vitest";
import { eventually } from "../../eventually.ts";
import type { PresenceContractFixture } from "./fixture.ts";

/** Tests P1 (presence), P2 (idempotence), P3 (counts), P6 (leaving) and P9 (isolation). */
export function testMemberRules(fixture: PresenceContractFixture): void {
  fixture.testRule("P1", "counts a member as present from its first connection", async () => {
    const presence = await fixture.createPresence();
    const group = fixture.uniqueName("group");
    expect(await presence.has(group, "ann")).toBe(false);
    expect(await presence.members(group)).toEqual([]);
    await presence.join(group, "ann", "ann-1");
    expect(await presence.has(group, "ann")).toBe(true);
    const [ann] = await presence.members(group);
    expect(ann).toEqual({ member: "ann", connections: 1, since: expect.any(Number) });
  });

  fixture.testRule("P2", "ignores a repeated join, and a leave or disconnect of an unknown connection", async () => {
    const presence = await fixture.createPresence();
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

  fixture.testRule("P2", "replaces the member of a connection that joins as another member", async () => {
    const presence = await fixture.createPresence();
    const group = fixture.uniqueName("group");
    await presence.join(group, "guest", "c-1");
    await presence.join(group, "ann", "c-1");
    expect((await presence.members(group)).map(({ member }) => member)).toEqual(["ann"]);
    expect(await presence.counts(group)).toEqual({ members: 1, connections: 1 });
  });

  fixture.testRule("P3", "counts a member once, whatever the number of its connections", async () => {
    const presence = await fixture.createPresence();
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

  fixture.testTimedRule("P6", "removes a member at once when its last connection leaves", async () => {
    const presence = await fixture.createPresence();
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

  fixture.testRule("P9", "isolates groups, and presences with different prefixes", async () => {
    const [first, second] = [await fixture.createPresence(), await fixture.createPresence()];
    const [groupA, groupB] = [fixture.uniqueName("group"), fixture.uniqueName("group")];
    await first.join(groupA, "ann", "ann-1");
    await first.join(groupB, "bob", "ann-1");
    expect((await first.members(groupA)).map(({ member }) => member)).toEqual(["ann"]);
    expect((await first.members(groupB)).map(({ member }) => member)).toEqual(["bob"]);
    expect(await second.counts(groupA)).toEqual({ members: 0, connections: 0 });
    await first.leave(groupA, "ann-1");
    expect(await first.has(groupB, "bob")).toBe(true);
  });

  fixture.testRule("P9", "rejects invalid names and ids", async () => {
    const presence = await fixture.createPresence();
    await expect(presence.join("two words", "ann", "ann-1")).rejects.toMatchObject({ details: { kind: "group" } });
    for (const id of ["", "x".repeat(201)]) {
      await expect(presence.join("group", id, "c")).rejects.toMatchObject({ details: { kind: "member" } });
      await expect(presence.join("group", "ann", id)).rejects.toMatchObject({ details: { kind: "connection" } });
    }
  });
}
