import { describe, expect, test } from "vitest";
import { ALICE, BOB, person, post, posted, refTo, roomIn, sharedStore, withMentions } from "../support/temp-store.ts";

const shared = sharedStore();
const NO_MEMBERSHIP = { role: null, mutedUntil: null };

describe("read markers", () => {
  test("messages of others after the marker are unread, own messages are not", async () => {
    const store = shared();
    const room = await roomIn(store);
    await post(store, room, "mine", ALICE);
    await post(store, room, "theirs", BOB);
    await post(store, room, "theirs", BOB);
    await post(store, room, "a notice", null);
    expect(await store.markers.get({ user: ALICE.id, room })).toEqual({
      ...NO_MEMBERSHIP,
      readSeq: 0,
      unread: 3,
      mentions: 0,
    });
    expect(await store.markers.move({ user: ALICE.id, room, seq: 3 })).toEqual({
      ...NO_MEMBERSHIP,
      readSeq: 3,
      unread: 2,
      mentions: 0,
    });
    expect(await store.markers.get({ user: ALICE.id, room })).toEqual({
      ...NO_MEMBERSHIP,
      readSeq: 3,
      unread: 2,
      mentions: 0,
    });
    expect(await store.markers.get({ user: BOB.id, room }), "each user has a marker").toMatchObject({
      readSeq: 0,
      unread: 2,
    });
  });

  test("events other than messages are not unread", async () => {
    const store = shared();
    const room = await roomIn(store);
    await store.rooms.change({ room, changes: { title: "renamed" }, by: BOB });
    expect(await store.markers.get({ user: ALICE.id, room })).toEqual({
      ...NO_MEMBERSHIP,
      readSeq: 0,
      unread: 0,
      mentions: 0,
    });
  });

  test("a higher revision moves a marker back, once, and a lower one changes nothing", async () => {
    const store = shared();
    const room = await roomIn(store);
    for (const body of ["a", "b", "c"]) await post(store, room, body, BOB);
    const move = async (seq: number, revision?: number) =>
      await store.markers.move({ user: ALICE.id, room, seq, revision });
    expect(await move(4)).toMatchObject({ readSeq: 4, unread: 0 });
    const back = { ...NO_MEMBERSHIP, readSeq: 2, readRevision: 1, unread: 2, mentions: 0 };
    expect(await move(2, 1)).toEqual(back);
    expect(await move(2, 1), "a repeat").toEqual(back);
    expect(await move(1, 1), "the same revision only moves forward").toEqual(back);
    expect(await move(4, 0), "a device that had not learned of it").toEqual(back);
    expect((await store.markers.getMany({ user: ALICE.id, rooms: [room] })).get(room)?.state).toEqual(back);
    expect(await move(3, 1)).toEqual({ ...back, readSeq: 3, unread: 1 });
    expect(await move(4), "a client without revisions").toEqual({ ...back, readSeq: 4, unread: 0 });
    expect(await move(1_000, 2), "not beyond the end").toMatchObject({ readSeq: 4, readRevision: 2 });
  });

  test("a marker only moves forward, and not beyond the end of the log", async () => {
    const store = shared();
    const room = await roomIn(store);
    await post(store, room, "hello", BOB);
    expect((await store.markers.move({ user: ALICE.id, room, seq: 1_000 })).readSeq).toBe(2);
    expect((await store.markers.move({ user: ALICE.id, room, seq: 1 })).readSeq).toBe(2);
    await post(store, room, "hello", BOB);
    expect(await store.markers.get({ user: ALICE.id, room })).toEqual({
      ...NO_MEMBERSHIP,
      readSeq: 2,
      unread: 1,
      mentions: 0,
    });
  });

  test("counts stop at 100", async () => {
    const store = shared();
    const room = await roomIn(store);
    const alice = await person(store, "alice");
    await Promise.all(Array.from({ length: 101 }, () => post(store, room, "@alice", BOB)));
    expect(await store.markers.get({ user: alice.id, room })).toEqual({
      ...NO_MEMBERSHIP,
      readSeq: 0,
      unread: 100,
      mentions: 100,
    });
    await store.markers.move({ user: alice.id, room, seq: 3 });
    expect(await store.markers.get({ user: alice.id, room })).toEqual({
      ...NO_MEMBERSHIP,
      readSeq: 3,
      unread: 99,
      mentions: 99,
    });
  });

  test("returns the states of many rooms as of the heads of their logs; one that does not exist has none", async () => {
    const store = shared();
    const [one, two] = [await roomIn(store), await roomIn(store)];
    await post(store, two, "hello", BOB);
    const states = await store.markers.getMany({ user: ALICE.id, rooms: [one, two, "nowhere"] });
    expect(states).toEqual(
      new Map([
        [one, { lastSeq: 1, state: { ...NO_MEMBERSHIP, readSeq: 0, unread: 0, mentions: 0 } }],
        [two, { lastSeq: 2, state: { ...NO_MEMBERSHIP, readSeq: 0, unread: 1, mentions: 0 } }],
      ]),
    );
    expect(await store.markers.getMany({ user: ALICE.id, rooms: [] })).toEqual(new Map());
    expect(await store.markers.get({ user: ALICE.id, room: "nowhere" })).toEqual({
      ...NO_MEMBERSHIP,
      readSeq: 0,
      unread: 0,
      mentions: 0,
    });
    expect(await store.markers.move({ user: ALICE.id, room: "nowhere", seq: 1 })).toEqual({
      ...NO_MEMBERSHIP,
      readSeq: 0,
      unread: 0,
      mentions: 0,
    });
  });
});

describe("mentions", () => {
  test.each([
    ["@alice", 1],
    ["hello @Alice!", 1],
    ["(@ALICE)", 1],
    ["@alice.", 1],
    ["@alice: look", 1],
    ["@alice @alice", 1],
    ["@Ａlice", 1],
    ["日本 @alice", 1],
    ["日本@alice", 1],
    ["me@alice", 0],
    ["@alicexx", 0],
    ["@al", 0],
    ["alice", 0],
    ["@", 0],
    ["@@alice", 1],
    ["`@alice`", 0],
    ["\\@alice", 0],
    ["_@alice_", 1],
  ])("%s", async (body, mentions) => {
    const store = shared();
    const room = await roomIn(store);
    const alice = await person(store, "Alice");
    await post(store, room, body, BOB);
    expect(await store.markers.get({ user: alice.id, room })).toEqual({
      ...NO_MEMBERSHIP,
      readSeq: 0,
      unread: 1,
      mentions,
    });
  });

  test("finds names with dots, dashes and letters of any script", async () => {
    const store = shared();
    const room = await roomIn(store);
    const people = await Promise.all(["a.b-c_d", "Ölaf", "志明", "straße"].map((name) => person(store, name)));
    await post(store, room, "@a.b-c_d, @ölaf and @志明 (@STRASSE)…", BOB);
    for (const { id, username } of people) {
      expect((await store.markers.get({ user: id, room })).mentions, username).toBe(1);
    }
  });

  test("does not count authors who mention themselves", async () => {
    const store = shared();
    const room = await roomIn(store);
    const alice = await person(store, "alice");
    await post(store, room, "I, @alice", alice);
    expect((await store.markers.get({ user: alice.id, room })).mentions).toBe(0);
  });

  test("accepts a message of a thousand names", async () => {
    const store = shared();
    const room = await roomIn(store);
    const body = Array.from({ length: 1_000 }, (_, i) => `@user${i}`).join(" ");
    expect((await post(store, room, body, BOB)).outcome).toBe("appended");
  });
});

const DEFAULTS = { roomCreators: "staff", allMentioners: "moderators", historyReaders: "staff" };

describe("counts after a change", () => {
  test("a deleted message is neither unread nor a mention", async () => {
    const store = shared();
    const room = await roomIn(store);
    const alice = await person(store, "alice");
    await posted(store, room, "stays", BOB);
    const message = await posted(store, room, "@alice", BOB);
    expect(await store.markers.get({ user: alice.id, room })).toMatchObject({ unread: 2, mentions: 1 });
    await store.messages.delete({ ref: await refTo(store, message), by: BOB });
    expect(await store.markers.get({ user: alice.id, room })).toMatchObject({ unread: 1, mentions: 0 });
  });

  test("an edit adds the mentions of its body, and removes those of the previous one", async () => {
    const store = shared();
    const room = await roomIn(store);
    const [alice, carol] = [await person(store, "alice"), await person(store, "carol")];
    const message = await posted(store, room, "@alice", BOB);
    await store.messages.edit({
      ref: await refTo(store, message),
      ...withMentions("@carol, I mean"),
      canMentionAll: false,
      by: BOB,
    });
    expect(await store.markers.get({ user: alice.id, room })).toMatchObject({ unread: 1, mentions: 0 });
    expect(await store.markers.get({ user: carol.id, room })).toMatchObject({ unread: 1, mentions: 1 });
    await store.markers.move({ user: carol.id, room, seq: message.seq });
    await store.messages.edit({
      ref: await refTo(store, message),
      ...withMentions("@carol, again"),
      canMentionAll: false,
      by: BOB,
    });
    expect(await store.markers.get({ user: carol.id, room }), "the message was read before the edit").toMatchObject({
      mentions: 0,
    });
  });

  test("@all counts once for everyone but its author, and only where the author is allowed to use it", async () => {
    const store = shared();
    const room = await roomIn(store);
    const alice = await person(store, "alice");
    const notAllowed = await posted(store, room, "@all without permission", BOB);
    expect(notAllowed.mentionsAll).toBe(false);
    const appended = await store.messages.append({
      room,
      accessVersion: 1,
      author: BOB,
      clientId: "to-all",
      kind: "message",
      ...withMentions("@all and @alice"),
      canMentionAll: true,
    });
    if (appended.outcome !== "appended") throw new Error(`expected appended, got ${appended.outcome}`);
    expect(appended.message).toMatchObject({ mentionsAll: true, mentions: [alice.id] });
    expect(await store.markers.get({ user: alice.id, room })).toMatchObject({ mentions: 1 });
    expect(await store.markers.get({ user: "another-user", room })).toMatchObject({ mentions: 1 });
    expect(await store.markers.get({ user: BOB.id, room })).toMatchObject({ mentions: 0 });
    await store.messages.edit({
      ref: await refTo(store, appended.message),
      ...withMentions("@all, or not"),
      canMentionAll: false,
      by: BOB,
    });
    expect(await store.markers.get({ user: "another-user", room })).toMatchObject({ mentions: 0 });
  });

  test("returns the membership with the counts", async () => {
    const store = shared();
    const room = await roomIn(store);
    await store.members.add({ room, user: ALICE, role: "moderator", by: null });
    expect(await store.markers.get({ user: ALICE.id, room })).toMatchObject({ role: "moderator", mutedUntil: null });
  });
});

describe("settings", () => {
  test("start with their defaults and keep changes", async () => {
    const store = shared();
    expect(await store.settings.get()).toEqual(DEFAULTS);
    expect(await store.settings.update({ roomCreators: "everybody" })).toEqual({
      ...DEFAULTS,
      roomCreators: "everybody",
    });
    expect(await store.settings.update({})).toEqual({ ...DEFAULTS, roomCreators: "everybody" });
    expect(await store.settings.get()).toEqual({ ...DEFAULTS, roomCreators: "everybody" });
  });
});
