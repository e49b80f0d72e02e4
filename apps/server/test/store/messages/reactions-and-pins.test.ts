import { LIMITS } from "@multichat/protocol";
import { describe, expect, test } from "vitest";
import { ALICE, BOB, eventOf, posted, refTo, roomIn, sharedStore } from "../support/temp-store.ts";

const shared = sharedStore();

/** Returns different emoji. */
const emojis = (count: number): string[] => Array.from({ length: count }, (_, i) => String.fromCodePoint(0x1f600 + i));

describe("reactions", () => {
  test("are counted in the order of first use, and mark the viewer's own", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room);
    const first = await store.messages.setReaction({
      ref: await refTo(store, message),
      emoji: "👍",
      present: true,
      by: BOB,
    });
    await store.messages.setReaction({ ref: await refTo(store, message), emoji: "🎉", present: true, by: ALICE });
    const third = await store.messages.setReaction({
      ref: await refTo(store, message),
      emoji: "👍",
      present: true,
      by: ALICE,
    });
    expect([eventOf(first), eventOf(third)]).toEqual([
      { on: "reaction.added", room, seq: 3, message: message.id, emoji: "👍", user: BOB, count: 1 },
      { on: "reaction.added", room, seq: 5, message: message.id, emoji: "👍", user: ALICE, count: 2 },
    ]);
    const reactions = (viewer?: string) => [
      { emoji: "👍", users: [BOB.id, ALICE.id], count: 2, mine: viewer !== undefined },
      { emoji: "🎉", users: [ALICE.id], count: 1, mine: viewer === ALICE.id },
    ];
    const page = (viewer: string) => store.messages.readHistory({ room, limit: 5, viewer });
    expect((await page(BOB.id)).messages[0]?.reactions).toEqual(reactions(BOB.id));
    expect((await page(ALICE.id)).messages[0]?.reactions).toEqual(reactions(ALICE.id));
    expect((await store.messages.find({ room, message: message.id }))?.reactions).toEqual(reactions());
    const [replayed, , , last] = (await store.eventLog.readSince({ room, since: 1, limit: 10 })) ?? [];
    expect(replayed).toMatchObject({ on: "message.posted", message: { reactions: reactions() } });
    expect(last).toEqual(eventOf(third));
  });

  test("added or removed twice are no event, and return the seq of the first time", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room);
    const react = async (present: boolean) =>
      store.messages.setReaction({ ref: await refTo(store, message), emoji: "👍", present, by: ALICE });
    expect(await react(false), "never reacted").toMatchObject({ outcome: "changed", seq: 2 });
    await react(true);
    await posted(store, room);
    const added = await react(true);
    expect(added).toMatchObject({ outcome: "changed", seq: 3, message: { reactions: [{ count: 1, mine: true }] } });
    expect(added).not.toHaveProperty("event");
    expect(eventOf(await react(false))).toMatchObject({ on: "reaction.removed", seq: 5, count: 0 });
    await posted(store, room);
    const removed = await react(false);
    expect(removed).toMatchObject({ outcome: "changed", seq: 5, message: { reactions: [] } });
    expect(removed).not.toHaveProperty("event");
    expect((await store.rooms.find(room))?.lastSeq).toBe(6);
  });

  test("are limited in different emoji, not in users", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room);
    const ref = await refTo(store, message);
    const [extra = "", ...allowed] = emojis(LIMITS.reactionsPerMessage + 1).reverse();
    for (const emoji of allowed) await store.messages.setReaction({ ref, emoji, present: true, by: ALICE });
    expect(await store.messages.setReaction({ ref, emoji: extra, present: true, by: BOB })).toEqual({
      outcome: "full",
    });
    expect(await store.messages.setReaction({ ref, emoji: allowed[0] ?? "", present: true, by: BOB })).toMatchObject({
      outcome: "changed",
    });
    await store.messages.setReaction({ ref, emoji: allowed[1] ?? "", present: false, by: ALICE });
    expect(
      await store.messages.setReaction({ ref, emoji: extra, present: true, by: BOB }),
      "after one was removed",
    ).toMatchObject({
      outcome: "changed",
    });
    expect((await store.messages.find({ room, message: message.id }))?.reactions).toHaveLength(
      LIMITS.reactionsPerMessage,
    );
  });

  test("list the first hundred users and count all", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room);
    const ref = await refTo(store, message);
    const people = Array.from({ length: 103 }, (_, i) => ({ id: `p${i}`, username: `p${i}` }));
    await Promise.all(people.map((by) => store.messages.setReaction({ ref, emoji: "👍", present: true, by })));
    const [reaction] = (await store.messages.find({ room, message: message.id, viewer: "p102" }))?.reactions ?? [];
    expect(reaction).toEqual({
      emoji: "👍",
      users: people.slice(0, 100).map(({ id }) => id),
      count: 103,
      mine: true,
    });
  });
});

describe("pins", () => {
  test("are listed newest first, and pinning twice is no event", async () => {
    const store = shared();
    const room = await roomIn(store);
    const [one, two] = [await posted(store, room, "one"), await posted(store, room, "two")];
    const pin = async (message: typeof one, pinned: boolean) =>
      store.messages.setPinned({ ref: await refTo(store, message), pinned, by: BOB });
    expect(await pin(two, false), "never pinned").toMatchObject({ outcome: "changed", seq: two.seq });
    expect(eventOf(await pin(two, true))).toEqual({
      on: "message.pinned",
      room,
      seq: 4,
      message: two.id,
      by: BOB,
    });
    await pin(one, true);
    expect(
      (await store.messages.listPinned({ room, viewer: ALICE.id })).map(({ body, pinned }) => ({ body, pinned })),
    ).toEqual([
      { body: "one", pinned: true },
      { body: "two", pinned: true },
    ]);
    const pinned = await store.messages.listPinned({ room, viewer: ALICE.id });
    expect(JSON.parse(await store.messages.listPinnedJson({ room, viewer: ALICE.id }))).toEqual(pinned);
    expect(await pin(two, true)).toMatchObject({ outcome: "changed", seq: 4 });
    expect(eventOf(await pin(two, false))).toMatchObject({ on: "message.unpinned", seq: 6 });
    expect(await pin(two, false)).toMatchObject({ outcome: "changed", seq: 6 });
    expect((await store.messages.listPinned({ room, viewer: ALICE.id })).map(({ id }) => id)).toEqual([one.id]);
    expect((await store.rooms.find(room))?.lastSeq).toBe(6);
  });

  test("are limited", async () => {
    const store = shared();
    const room = await roomIn(store);
    const messages = await Promise.all(Array.from({ length: LIMITS.pinsPerRoom + 1 }, () => posted(store, room)));
    const [extra, ...rest] = await Promise.all(messages.map((message) => refTo(store, message)));
    if (extra === undefined) throw new Error("expected messages");
    for (const ref of rest) await store.messages.setPinned({ ref, pinned: true, by: ALICE });
    expect(await store.messages.setPinned({ ref: extra, pinned: true, by: ALICE })).toEqual({ outcome: "full" });
    expect(await store.messages.listPinned({ room, viewer: ALICE.id })).toHaveLength(LIMITS.pinsPerRoom);
  });
});

test.each([
  ["of three bytes", "一", 6],
  ["of two bytes", "é", 10],
  ["of four bytes", "👍", 5],
  ["of one byte", "x", 20],
])(
  "long pins are limited to what a page holds, also when they become long later: characters %s",
  async (_, character, count) => {
    const store = shared();
    const room = await roomIn(store);
    const body = character.repeat(10_000);
    const long = await Promise.all(Array.from({ length: count + 1 }, () => posted(store, room, body)));
    const pin = async (message: { room: string; id: string }) =>
      (await store.messages.setPinned({ ref: await refTo(store, message), pinned: true, by: ALICE })).outcome;
    const outcomes: string[] = [];
    for (const message of long) outcomes.push(await pin(message));
    expect(outcomes).toEqual([...Array.from({ length: count }, () => "changed"), "full"]);
    expect(await store.messages.listPinned({ room, viewer: ALICE.id })).toHaveLength(count);

    const other = await roomIn(store);
    const short = await Promise.all(Array.from({ length: count + 5 }, () => posted(store, other, "short")));
    for (const message of short) await pin(message);
    for (const message of short)
      await store.messages.edit({ ref: await refTo(store, message), body, canMentionAll: false, by: ALICE });
    const listed = await store.messages.listPinned({ room: other, viewer: ALICE.id });
    expect(
      listed.map(({ id }) => id),
      "the latest",
    ).toEqual(
      short
        .map(({ id }) => id)
        .reverse()
        .slice(0, count),
    );
  },
);

describe("replies", () => {
  test("quote the beginning of the message they reply to, as it is now", async () => {
    const store = shared();
    const room = await roomIn(store);
    const quotedMessage = await posted(store, room, "👩‍👧".repeat(100), BOB);
    const reply = { room, accessVersion: 1, author: ALICE, clientId: "reply", kind: "message", body: "yes" } as const;
    const appended = await store.messages.append({ ...reply, replyTo: quotedMessage.id });
    if (appended.outcome !== "appended") throw new Error(`expected appended, got ${appended.outcome}`);
    const excerpt = [..."👩‍👧".repeat(100)].slice(0, 140).join("");
    const quoted = { id: quotedMessage.id, seq: quotedMessage.seq, author: BOB, excerpt };
    expect(appended.message.replyTo).toEqual(quoted);
    const find = async () => (await store.messages.find({ room, message: appended.message.id }))?.replyTo;
    expect(await find()).toEqual(quoted);
    await store.messages.edit({ ref: await refTo(store, quotedMessage), body: "why?", canMentionAll: false, by: BOB });
    expect(await find()).toEqual({ ...quoted, excerpt: "why?" });
    await store.messages.delete({ ref: await refTo(store, quotedMessage), by: BOB });
    expect(await find()).toEqual({ ...quoted, excerpt: "" });
  });

  test("to a message of another room are rejected", async () => {
    const store = shared();
    const [room, other] = [await roomIn(store), await roomIn(store)];
    const elsewhere = await posted(store, other);
    const reply = { room, accessVersion: 1, author: ALICE, clientId: "reply", kind: "message", body: "yes" } as const;
    for (const replyTo of [elsewhere.id, "missing"]) {
      expect(await store.messages.append({ ...reply, replyTo })).toEqual({ outcome: "unknown" });
    }
    expect((await store.rooms.find(room))?.lastSeq).toBe(1);
  });
});
