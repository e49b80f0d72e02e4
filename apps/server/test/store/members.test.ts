import { describe, expect, test } from "vitest";
import type { Database } from "../../src/store/sqlite/sqlite-store.ts";
import { ALICE, BOB, eventOf, person, posted, refTo, roomIn, sharedStore } from "./temp-store.ts";

const shared = sharedStore();
const CAROL = { id: "carol-id", username: "carol" };

async function privateRoom(store: Database): Promise<string> {
  return (await store.rooms.create({ title: "Private", private: true, by: ALICE })).room.id;
}

const roomNow = async (store: Database, id: string) => {
  const room = await store.rooms.find(id);
  if (room === undefined) throw new Error(`expected room ${id} to be there`);
  return room;
};

describe("making a room", () => {
  test("its maker is its first owner, and a private one knows who may enter", async () => {
    const store = shared();
    const { room, events } = await store.rooms.create({ title: "Private", private: true, by: ALICE });
    expect(room).toMatchObject({ kind: "private", members: new Set([ALICE.id]), banned: new Set() });
    expect(room.roles).toEqual(new Map([[ALICE.id, "owner"]]));
    expect(events.map(({ on, seq }) => [on, seq])).toEqual([
      ["room.created", 1],
      ["member.joined", 2],
    ]);
    const open = await store.rooms.create({ title: "Open", by: ALICE });
    expect(open.room).toMatchObject({ kind: "open", members: null });
    const script = await store.rooms.create({ title: "By a script", by: null });
    expect(script.events).toHaveLength(1);
  });

  test("again, by the same client id of the same person, is answered with the same room", async () => {
    const store = shared();
    const asked = { title: "Once", clientId: "once" };
    const made = await Promise.all([
      store.rooms.create({ ...asked, by: ALICE }),
      store.rooms.create({ ...asked, title: "Twice", by: ALICE }),
      store.rooms.create({ ...asked, by: BOB }),
    ]);
    expect(made[1].room).toEqual(made[0].room);
    expect(made.map(({ events }) => events.length)).toEqual([2, 0, 2]);
    expect(made[2].room.id).not.toBe(made[0].room.id);
    await store.rooms.delete({ room: made[0].room.id, by: ALICE });
    const late = await store.rooms.create({ ...asked, by: ALICE });
    expect(late).toMatchObject({ room: { id: made[0].room.id }, events: [] });
    expect(await store.rooms.find(made[0].room.id), "a late repetition brings nothing back").toBeUndefined();
  });
});

describe("members", () => {
  test("come, change and go by events, and the room in memory follows", async () => {
    const store = shared();
    const id = await privateRoom(store);
    const added = await store.members.add({ room: id, user: BOB, role: "member", by: ALICE });
    expect(eventOf(added)).toEqual({ on: "member.joined", room: id, seq: 3, user: BOB, role: "member", by: ALICE });
    expect((await roomNow(store, id)).members).toEqual(new Set([ALICE.id, BOB.id]));
    expect((await roomNow(store, id)).accessVersion, "nobody lost anything").toBe(1);

    const mutedUntil = Date.now() + 60_000;
    const changed = await store.members.change({
      room: id,
      user: BOB.id,
      changes: { role: "moderator", mutedUntil },
      by: ALICE,
    });
    expect(eventOf(changed)).toEqual({
      on: "member.changed",
      room: id,
      seq: 4,
      user: BOB,
      role: "moderator",
      mutedUntil,
      by: ALICE,
    });
    expect(await roomNow(store, id)).toMatchObject({
      accessVersion: 2,
      lastSeq: 4,
      roles: new Map([
        [ALICE.id, "owner"],
        [BOB.id, "moderator"],
      ]),
      mutedUntil: new Map([[BOB.id, mutedUntil]]),
    });
    expect(await store.members.find({ room: id, user: BOB.id })).toEqual({
      user: BOB,
      role: "moderator",
      since: expect.any(Number),
      mutedUntil,
    });

    const left = await store.members.remove({ room: id, user: BOB, by: BOB });
    expect(eventOf(left)).toEqual({ on: "member.left", room: id, seq: 5, user: BOB });
    expect(await roomNow(store, id)).toMatchObject({
      accessVersion: 3,
      members: new Set([ALICE.id]),
      mutedUntil: new Map(),
    });
    expect(await store.members.find({ room: id, user: BOB.id })).toBeUndefined();
    expect(await store.eventLog.readSince({ room: id, since: 2, limit: 10 })).toEqual([
      eventOf(added),
      eventOf(changed),
      eventOf(left),
    ]);
  });

  test("a change that changes nothing is no event, and has the seq that made it so", async () => {
    const store = shared();
    const id = await privateRoom(store);
    const nothing = (outcome: unknown, seq: number) => {
      expect(outcome).toMatchObject({ outcome: "changed", seq });
      expect(outcome).not.toHaveProperty("event");
    };
    nothing(await store.members.remove({ room: id, user: BOB, by: ALICE }), 1);
    nothing(await store.members.remove({ room: id, user: BOB, ban: false, by: ALICE }), 1);
    await store.members.add({ room: id, user: BOB, role: "member", by: ALICE });
    nothing(await store.members.add({ room: id, user: BOB, role: "owner", by: ALICE }), 3);
    nothing(
      await store.members.change({ room: id, user: BOB.id, changes: { role: "member", mutedUntil: null }, by: ALICE }),
      3,
    );
    nothing(await store.members.change({ room: id, user: BOB.id, changes: {}, by: ALICE }), 3);
    await store.members.remove({ room: id, user: BOB, ban: true, by: ALICE });
    nothing(await store.members.remove({ room: id, user: BOB, ban: true, by: ALICE }), 4);
    nothing(await store.members.remove({ room: id, user: BOB, by: ALICE }), 4);
    expect((await roomNow(store, id)).lastSeq).toBe(4);
  });

  test("who is banned stays out until somebody lifts the ban, member before or not", async () => {
    const store = shared();
    const id = await roomIn(store);
    await store.members.add({ room: id, user: BOB, role: "member", by: ALICE });
    const banned = await store.members.remove({ room: id, user: BOB, ban: true, by: ALICE });
    expect(eventOf(banned)).toEqual({
      on: "member.removed",
      room: id,
      seq: 3,
      user: BOB,
      banned: true,
      by: ALICE,
    });
    await store.members.remove({ room: id, user: CAROL, ban: true, by: ALICE });
    expect((await roomNow(store, id)).banned).toEqual(new Set([BOB.id, CAROL.id]));
    expect(await store.members.add({ room: id, user: BOB, role: "member", by: ALICE })).toEqual({ outcome: "banned" });
    const lifted = await store.members.remove({ room: id, user: BOB, ban: false, by: ALICE });
    expect(eventOf(lifted)).toMatchObject({ on: "member.removed", seq: 5, banned: false });
    expect((await roomNow(store, id)).banned).toEqual(new Set([CAROL.id]));
    expect((await store.members.add({ room: id, user: BOB, role: "member", by: BOB })).outcome).toBe("changed");
    const all = (await store.eventLog.readSince({ room: id, since: 1, limit: 10 })) ?? [];
    expect(all.map((event) => [event.on, "banned" in event && event.banned])).toEqual([
      ["member.joined", false],
      ["member.removed", true],
      ["member.removed", true],
      ["member.removed", false],
      ["member.joined", false],
    ]);
  });

  test("who is banned is listed by the newest ban, with their present names, by whom and when", async () => {
    const store = shared();
    const id = await roomIn(store);
    const zoe = await person(store, "zoe-banned");
    const before = Date.now();
    await store.members.remove({ room: id, user: { ...zoe, username: "an old name" }, ban: true, by: ALICE });
    await store.members.remove({ room: id, user: BOB, ban: true, by: ALICE });
    await store.members.remove({ room: id, user: CAROL, ban: true, by: null });
    await store.members.add({ room: id, user: ALICE, role: "member", by: null });
    await store.members.remove({ room: id, user: ALICE, by: ALICE });
    const elsewhere = await roomIn(store, "Elsewhere");
    await store.members.remove({ room: elsewhere, user: { id: "x", username: "xavier" }, ban: true, by: ALICE });

    const at = expect.any(Number);
    const { banned, count } = await store.members.listBans({ room: id, limit: 10 });
    expect(banned).toEqual([
      { user: CAROL, by: null, at },
      { user: BOB, by: ALICE, at },
      { user: zoe, by: ALICE, at },
    ]);
    expect(count).toBe(3);
    for (const ban of banned) expect(ban.at).toBeGreaterThanOrEqual(before);
    expect(await store.members.listBans({ room: id, limit: 2 })).toEqual({ banned: banned.slice(0, 2), count: 3 });

    await store.members.remove({ room: id, user: CAROL, ban: false, by: ALICE });
    await store.members.remove({ room: id, user: zoe, ban: false, by: ALICE });
    await store.members.remove({ room: id, user: zoe, ban: true, by: BOB });
    expect((await store.members.listBans({ room: id, limit: 10 })).banned.map(({ user, by }) => [user, by])).toEqual([
      [zoe, BOB],
      [BOB, ALICE],
    ]);
    expect(await store.members.listBans({ room: "nowhere", limit: 10 })).toEqual({ banned: [], count: 0 });
  });

  test("a room keeps an owner while others are in it", async () => {
    const store = shared();
    const id = await privateRoom(store);
    await store.members.add({ room: id, user: BOB, role: "member", by: ALICE });
    const last = { outcome: "last-owner" };
    expect(await store.members.remove({ room: id, user: ALICE, by: ALICE })).toEqual(last);
    expect(await store.members.remove({ room: id, user: ALICE, ban: true, by: null })).toEqual(last);
    expect(await store.members.change({ room: id, user: ALICE.id, changes: { role: "moderator" }, by: ALICE })).toEqual(
      last,
    );
    expect(
      (await store.members.change({ room: id, user: ALICE.id, changes: { mutedUntil: 1 }, by: null })).outcome,
    ).toBe("changed");
    await store.members.change({ room: id, user: BOB.id, changes: { role: "owner" }, by: ALICE });
    expect(
      (await store.members.change({ room: id, user: ALICE.id, changes: { role: "moderator" }, by: ALICE })).outcome,
    ).toBe("changed");
    expect(await store.members.remove({ room: id, user: BOB, by: BOB })).toEqual(last);
    expect((await store.members.remove({ room: id, user: ALICE, by: ALICE })).outcome).toBe("changed");
    expect((await store.members.remove({ room: id, user: BOB, by: BOB })).outcome, "nobody is left behind").toBe(
      "changed",
    );
  });

  test("who is no member cannot be changed, and a room that is not there has none", async () => {
    const store = shared();
    const id = await privateRoom(store);
    const unknown = { outcome: "unknown" };
    expect(await store.members.change({ room: id, user: BOB.id, changes: { role: "owner" }, by: ALICE })).toEqual(
      unknown,
    );
    await store.rooms.delete({ room: id, by: null });
    for (const room of [id, "nowhere"]) {
      expect(await store.members.add({ room, user: BOB, role: "member", by: null })).toEqual(unknown);
      expect(await store.members.remove({ room, user: BOB, ban: true, by: null })).toEqual(unknown);
      expect(await store.members.change({ room, user: ALICE.id, changes: { role: "member" }, by: null })).toEqual(
        unknown,
      );
    }
    expect((await store.members.listByUser({ user: ALICE.id })).has(id)).toBe(false);
  });

  test("are listed by role, then by their present names", async () => {
    const store = shared();
    const id = await roomIn(store);
    const zoe = await person(store, "zoe");
    await store.members.add({ room: id, user: { ...zoe, username: "an old name" }, role: "member", by: null });
    await store.members.add({ room: id, user: { id: "x", username: "xavier" }, role: "member", by: null });
    await store.members.add({ room: id, user: BOB, role: "moderator", by: null });
    await store.members.add({ room: id, user: CAROL, role: "owner", by: null });
    const { members, count } = await store.members.list({ room: id, limit: 3 });
    expect(members.map(({ user, role }) => [user.username, role])).toEqual([
      ["carol", "owner"],
      ["bob", "moderator"],
      ["xavier", "member"],
    ]);
    expect(count).toBe(4);
    expect((await store.members.list({ room: id, limit: 10 })).members[3]?.user).toEqual(zoe);
    const roomsOfZoe = await store.members.listByUser({ user: zoe.id });
    expect(roomsOfZoe.get(id)).toMatchObject({ user: zoe, role: "member" });
  });

  test("an open room that becomes private knows its members at once, and forgets them when it opens", async () => {
    const store = shared();
    const id = await roomIn(store);
    await store.members.add({ room: id, user: BOB, role: "member", by: null });
    expect((await roomNow(store, id)).members).toBeNull();
    const closed = await store.rooms.change({ room: id, changes: { kind: "private" }, by: ALICE });
    expect(closed?.event).toMatchObject({ on: "room.changed", changes: { kind: "private" } });
    expect(await roomNow(store, id)).toMatchObject({ kind: "private", accessVersion: 2, members: new Set([BOB.id]) });
    await store.rooms.change({ room: id, changes: { kind: "open" }, by: ALICE });
    expect(await roomNow(store, id)).toMatchObject({ accessVersion: 3, members: null });
  });

  test("slow mode is a change that takes something away", async () => {
    const store = shared();
    const id = await roomIn(store);
    const changed = await store.rooms.change({ room: id, changes: { slowModeSeconds: 30 }, by: ALICE });
    expect(changed?.event).toMatchObject({ changes: { slowModeSeconds: 30 } });
    expect(await roomNow(store, id)).toMatchObject({ slowModeSeconds: 30, accessVersion: 2 });
    expect(
      (await store.rooms.change({ room: id, changes: { slowModeSeconds: 30 }, by: ALICE }))?.event,
    ).toBeUndefined();
  });

  test("who was removed after the policy was asked writes nothing", async () => {
    const store = shared();
    const id = await privateRoom(store);
    await store.members.add({ room: id, user: BOB, role: "member", by: ALICE });
    const message = await posted(store, id, "hello", BOB);
    const before = await refTo(store, message);
    const [, edited] = await Promise.all([
      store.members.remove({ room: id, user: BOB, by: ALICE }),
      store.messages.edit({ ref: before, body: "too late", canMentionAll: false, by: BOB }),
    ]);
    expect(edited).toEqual({ outcome: "stale" });
  });
});

describe("a direct conversation", () => {
  test("is one for two people, whoever opens it, and as often as they like", async () => {
    const store = shared();
    const [ann, ben] = [await person(store, "ann"), await person(store, "ben")];
    const opened = await Promise.all([
      store.rooms.openDirect({ by: ann, other: ben }),
      store.rooms.openDirect({ by: ben, other: ann }),
      store.rooms.openDirect({ by: ann, other: ben }),
    ]);
    const [{ room, events }] = opened;
    expect(new Set(opened.map((each) => each.room.id)).size).toBe(1);
    expect(opened.map((each) => each.events.length)).toEqual([3, 0, 0]);
    expect(events.map(({ on, seq }) => [on, seq])).toEqual([
      ["room.created", 1],
      ["member.joined", 2],
      ["member.joined", 3],
    ]);
    expect(room).toMatchObject({ kind: "direct", title: "", members: new Set([ann.id, ben.id]), lastSeq: 3 });
    expect(new Set(room.people)).toEqual(new Set([ann, ben]));
    const again = await store.rooms.openDirect({ by: ben, other: ann });
    expect(again).toEqual({ room: await store.rooms.find(room.id), events: [] });
    const other = await store.rooms.openDirect({ by: ann, other: CAROL });
    expect(other.room.id).not.toBe(room.id);
    expect(other.room.people.map(({ username }) => username).sort()).toEqual(["ann", "carol"]);
  });

  test("stays one: it is made neither open nor private", async () => {
    const store = shared();
    const { room } = await store.rooms.openDirect({ by: BOB, other: CAROL });
    expect((await store.rooms.change({ room: room.id, changes: { kind: "open" }, by: null }))?.event).toBeUndefined();
    expect(await roomNow(store, room.id)).toMatchObject({ kind: "direct", members: new Set([BOB.id, CAROL.id]) });
  });

  test("can be opened anew after it was deleted", async () => {
    const store = shared();
    const [one, other] = [await person(store, "one"), await person(store, "other")];
    const { room } = await store.rooms.openDirect({ by: one, other });
    await store.rooms.delete({ room: room.id, by: null });
    const again = await store.rooms.openDirect({ by: other, other: one });
    expect(again.events).toHaveLength(3);
    expect(again.room.id).not.toBe(room.id);
  });

  test("with oneself has one person", async () => {
    const store = shared();
    const alone = await person(store, "alone");
    const { room, events } = await store.rooms.openDirect({ by: alone, other: alone });
    expect(room).toMatchObject({ people: [alone], members: new Set([alone.id]) });
    expect(events).toHaveLength(2);
    expect((await store.rooms.openDirect({ by: alone, other: alone })).room.id).toBe(room.id);
  });

  test("shows the present names of its people", async () => {
    const store = shared();
    const [old, friend] = [await person(store, "oldname"), await person(store, "friend")];
    const { room } = await store.rooms.openDirect({ by: old, other: friend });
    await store.people.change({ id: old.id, changes: { username: "newname" } });
    await expect
      .poll(async () => (await roomNow(store, room.id)).people.map(({ username }) => username).sort())
      .toEqual(["friend", "newname"]);
  });
});
