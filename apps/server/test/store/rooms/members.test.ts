import { describe, expect, test } from "vitest";
import type { ChatStore, StoredRoom } from "../../../src/store/store.ts";
import { ALICE, BOB, eventOf, person, posted, refTo, roomIn, sharedStore } from "../support/temp-store.ts";

const shared = sharedStore();
const CAROL = { id: "carol-id", username: "carol" };

async function createPrivateRoom(store: ChatStore): Promise<string> {
  return (await store.rooms.create({ title: "Private", private: true, by: ALICE })).room.id;
}

async function getRoom(store: ChatStore, id: string): Promise<StoredRoom> {
  const room = await store.rooms.find(id);
  if (room === undefined) throw new Error(`expected room ${id} to exist`);
  return room;
}

describe("creating a room", () => {
  test("makes its creator the first owner, and the only member of a private room", async () => {
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

  test("returns the same room for a repeated client id of the same creator", async () => {
    const store = shared();
    const newRoom = { title: "Once", clientId: "once" };
    const created = await Promise.all([
      store.rooms.create({ ...newRoom, by: ALICE }),
      store.rooms.create({ ...newRoom, title: "Twice", by: ALICE }),
      store.rooms.create({ ...newRoom, by: BOB }),
    ]);
    expect(created[1].room).toEqual(created[0].room);
    expect(created.map(({ events }) => events.length)).toEqual([2, 0, 2]);
    expect(created[2].room.id).not.toBe(created[0].room.id);
    await store.rooms.delete({ room: created[0].room.id, by: ALICE });
    const late = await store.rooms.create({ ...newRoom, by: ALICE });
    expect(late).toMatchObject({ room: { id: created[0].room.id }, events: [] });
    expect(await store.rooms.find(created[0].room.id), "a late retry restores nothing").toBeUndefined();
  });
});

describe("members", () => {
  test("are added, changed and removed by events, which the room cache follows", async () => {
    const store = shared();
    const id = await createPrivateRoom(store);
    const added = await store.members.add({ room: id, user: BOB, role: "member", by: ALICE });
    expect(eventOf(added)).toEqual({ on: "member.joined", room: id, seq: 3, user: BOB, role: "member", by: ALICE });
    expect((await getRoom(store, id)).members).toEqual(new Set([ALICE.id, BOB.id]));
    expect((await getRoom(store, id)).accessVersion, "no access was revoked").toBe(1);

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
    expect(await getRoom(store, id)).toMatchObject({
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
    expect(await getRoom(store, id)).toMatchObject({
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

  test("a change without effect is no event, and returns the seq of the last one", async () => {
    const store = shared();
    const id = await createPrivateRoom(store);
    const expectUnchanged = (outcome: unknown, seq: number) => {
      expect(outcome).toMatchObject({ outcome: "changed", seq });
      expect(outcome).not.toHaveProperty("event");
    };
    expectUnchanged(await store.members.remove({ room: id, user: BOB, by: ALICE }), 1);
    expectUnchanged(await store.members.remove({ room: id, user: BOB, ban: false, by: ALICE }), 1);
    await store.members.add({ room: id, user: BOB, role: "member", by: ALICE });
    expectUnchanged(await store.members.add({ room: id, user: BOB, role: "owner", by: ALICE }), 3);
    expectUnchanged(
      await store.members.change({ room: id, user: BOB.id, changes: { role: "member", mutedUntil: null }, by: ALICE }),
      3,
    );
    expectUnchanged(await store.members.change({ room: id, user: BOB.id, changes: {}, by: ALICE }), 3);
    await store.members.remove({ room: id, user: BOB, ban: true, by: ALICE });
    expectUnchanged(await store.members.remove({ room: id, user: BOB, ban: true, by: ALICE }), 4);
    expectUnchanged(await store.members.remove({ room: id, user: BOB, by: ALICE }), 4);
    expect((await getRoom(store, id)).lastSeq).toBe(4);
  });

  test("a ban lasts until it is lifted, for members and for others", async () => {
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
    expect((await getRoom(store, id)).banned).toEqual(new Set([BOB.id, CAROL.id]));
    expect(await store.members.add({ room: id, user: BOB, role: "member", by: ALICE })).toEqual({ outcome: "banned" });
    const lifted = await store.members.remove({ room: id, user: BOB, ban: false, by: ALICE });
    expect(eventOf(lifted)).toMatchObject({ on: "member.removed", seq: 5, banned: false });
    expect((await getRoom(store, id)).banned).toEqual(new Set([CAROL.id]));
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

  test("bans are listed newest first, with present usernames, authors and times", async () => {
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

  test("a room keeps an owner while it has other members", async () => {
    const store = shared();
    const id = await createPrivateRoom(store);
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
    expect((await store.members.remove({ room: id, user: BOB, by: BOB })).outcome, "no other member is left").toBe(
      "changed",
    );
  });

  test("changes of users who are not members, or in rooms that do not exist, are unknown", async () => {
    const store = shared();
    const id = await createPrivateRoom(store);
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

  test("are listed by role, then by their present usernames", async () => {
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

  test("a room that becomes private has its members at once, and none when it opens again", async () => {
    const store = shared();
    const id = await roomIn(store);
    await store.members.add({ room: id, user: BOB, role: "member", by: null });
    expect((await getRoom(store, id)).members).toBeNull();
    const closed = await store.rooms.change({ room: id, changes: { kind: "private" }, by: ALICE });
    expect(eventOf(closed)).toMatchObject({ on: "room.changed", changes: { kind: "private" } });
    expect(await getRoom(store, id)).toMatchObject({ kind: "private", accessVersion: 2, members: new Set([BOB.id]) });
    await store.rooms.change({ room: id, changes: { kind: "open" }, by: ALICE });
    expect(await getRoom(store, id)).toMatchObject({ accessVersion: 3, members: null });
  });

  test("slow mode moves the room to its next access version", async () => {
    const store = shared();
    const id = await roomIn(store);
    const changed = await store.rooms.change({ room: id, changes: { slowModeSeconds: 30 }, by: ALICE });
    expect(eventOf(changed)).toMatchObject({ changes: { slowModeSeconds: 30 } });
    expect(await getRoom(store, id)).toMatchObject({ slowModeSeconds: 30, accessVersion: 2 });
    const again = await store.rooms.change({ room: id, changes: { slowModeSeconds: 30 }, by: ALICE });
    expect(again).toEqual({ outcome: "changed", room: await getRoom(store, id) });
  });

  test("membership changes write nothing at an access version that the room has left", async () => {
    const store = shared();
    const id = await createPrivateRoom(store);
    const { accessVersion } = await getRoom(store, id);
    const key = { user: BOB.id, clientId: `of ${id}` };
    const invitation = { room: id, accessVersion, user: CAROL, role: "member", by: BOB } as const;
    await store.members.add({ ...invitation, user: BOB, role: "moderator", by: ALICE });
    const first = await store.members.add({ ...invitation, idempotencyKey: key });
    await store.members.remove({ room: id, accessVersion, user: BOB, by: ALICE });
    const before = await getRoom(store, id);
    const at = { room: id, accessVersion, by: BOB };
    const attempts = await Promise.all([
      store.members.add({ ...at, user: BOB, role: "moderator" }),
      store.members.add({ ...at, user: { id: "dave-id", username: "dave" }, role: "member" }),
      store.members.add(invitation),
      store.members.change({ ...at, user: CAROL.id, changes: { role: "moderator" } }),
      store.members.change({ ...at, user: CAROL.id, changes: { mutedUntil: 1 } }),
      store.members.remove({ ...at, user: CAROL }),
      store.members.remove({ ...at, user: CAROL, ban: true }),
      store.members.remove({ ...at, user: BOB, ban: false }),
    ]);
    for (const attempt of attempts) expect(attempt).toEqual({ outcome: "stale" });
    expect(await getRoom(store, id)).toEqual(before);
    const repeated = await store.members.add({ ...invitation, idempotencyKey: key });
    expect(repeated, "a repeat is answered with its first result").toMatchObject({
      outcome: "changed",
      seq: eventOf(first).seq,
    });
    const current = { room: id, accessVersion: before.accessVersion, by: ALICE };
    eventOf(await store.members.change({ ...current, user: CAROL.id, changes: { role: "moderator" } }));
  });

  test("a new owner moves the room to its next access version: moderators cannot manage owners", async () => {
    const store = shared();
    const id = await createPrivateRoom(store);
    const { accessVersion } = await getRoom(store, id);
    await store.members.add({ room: id, user: BOB, role: "moderator", by: ALICE });
    expect(await getRoom(store, id)).toMatchObject({ accessVersion });
    await store.members.add({ room: id, user: CAROL, role: "owner", by: ALICE });
    const ban = store.members.remove({ room: id, accessVersion, user: CAROL, ban: true, by: BOB });
    expect(await ban).toEqual({ outcome: "stale" });
  });

  test("a member who was removed after the policy check writes nothing", async () => {
    const store = shared();
    const id = await createPrivateRoom(store);
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
  test("is the same for both people, however often they open it", async () => {
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

  test("can become neither open nor private", async () => {
    const store = shared();
    const { room } = await store.rooms.openDirect({ by: BOB, other: CAROL });
    const changed = await store.rooms.change({ room: room.id, changes: { kind: "open" }, by: null });
    expect(changed).not.toHaveProperty("event");
    expect(await getRoom(store, room.id)).toMatchObject({ kind: "direct", members: new Set([BOB.id, CAROL.id]) });
  });

  test("can be opened again after it was deleted", async () => {
    const store = shared();
    const [one, other] = [await person(store, "one"), await person(store, "other")];
    const { room } = await store.rooms.openDirect({ by: one, other });
    await store.rooms.delete({ room: room.id, by: null });
    const again = await store.rooms.openDirect({ by: other, other: one });
    expect(again.events).toHaveLength(3);
    expect(again.room.id).not.toBe(room.id);
  });

  test("of a user alone has one person", async () => {
    const store = shared();
    const alone = await person(store, "alone");
    const { room, events } = await store.rooms.openDirect({ by: alone, other: alone });
    expect(room).toMatchObject({ people: [alone], members: new Set([alone.id]) });
    expect(events).toHaveLength(2);
    expect((await store.rooms.openDirect({ by: alone, other: alone })).room.id).toBe(room.id);
  });

  test("shows the present usernames of its people", async () => {
    const store = shared();
    const [old, friend] = [await person(store, "oldname"), await person(store, "friend")];
    const { room } = await store.rooms.openDirect({ by: old, other: friend });
    await store.people.change({ id: old.id, changes: { username: "newname" } });
    await expect
      .poll(async () => (await getRoom(store, room.id)).people.map(({ username }) => username).sort())
      .toEqual(["friend", "newname"]);
  });
});
