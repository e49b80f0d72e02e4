import { LIMITS } from "@multichat/protocol";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { ALICE, BOB, eventOf, post, posted, refTo, roomIn, sharedStore, tempFile, tempStore } from "./temp-store.ts";

const shared = sharedStore();

/** Emoji that differ. */
const emojis = (count: number): string[] => Array.from({ length: count }, (_, i) => String.fromCodePoint(0x1f600 + i));

describe("an edit", () => {
  test("takes the room's next seq, and the message keeps its own", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room, "helo");
    const changed = await store.messages.edit({
      ref: await refTo(store, message),
      body: "hello",
      canMentionAll: false,
      by: BOB,
    });
    expect(changed).toMatchObject({
      outcome: "changed",
      seq: 3,
      message: { id: message.id, seq: 2, body: "hello", author: ALICE, editedAt: expect.any(Number) },
    });
    const event = eventOf(changed);
    expect(event).toEqual({
      on: "message.edited",
      room,
      seq: 3,
      message: changed.outcome === "changed" && changed.message,
      by: BOB,
    });
    expect(await store.eventLog.readSince({ room, since: 2, limit: 10 })).toEqual([event]);
    expect((await store.rooms.find(room))?.lastSeq).toBe(3);
    expect((await store.messages.readHistory({ room, limit: 1 })).messages[0]?.body).toBe("hello");
  });

  test("of the same body is no event, and is answered with the seq that made it so", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room, "one");
    expect(
      await store.messages.edit({ ref: await refTo(store, message), body: "one", canMentionAll: false, by: ALICE }),
    ).toMatchObject({ seq: 2 });
    await store.messages.edit({ ref: await refTo(store, message), body: "two", canMentionAll: false, by: ALICE });
    await posted(store, room);
    const again = await store.messages.edit({
      ref: await refTo(store, message),
      body: "two",
      canMentionAll: false,
      by: ALICE,
    });
    expect(again).toMatchObject({ outcome: "changed", seq: 3, message: { body: "two" } });
    expect(again).not.toHaveProperty("event");
    expect((await store.rooms.find(room))?.lastSeq).toBe(4);
    expect(await store.messages.listVersions({ room, message: message.id })).toHaveLength(1);
  });

  test("keeps what was said before, by whom and since when", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room, "one");
    const two = await store.messages.edit({
      ref: await refTo(store, message),
      body: "two",
      canMentionAll: false,
      by: BOB,
    });
    await store.messages.edit({ ref: await refTo(store, message), body: "three", canMentionAll: false, by: ALICE });
    expect(await store.messages.listVersions({ room, message: message.id })).toEqual([
      { body: "one", at: message.createdAt, by: ALICE },
      { body: "two", at: two.outcome === "changed" && two.message.editedAt, by: BOB },
    ]);
    expect(
      await store.messages.listVersions({ room: await roomIn(store), message: message.id }),
      "of another room",
    ).toEqual([]);
  });
});

describe("a deletion", () => {
  test("leaves the message's place and nothing else, but keeps what it said", async () => {
    const store = shared();
    const room = await roomIn(store);
    const first = await posted(store, room, "first");
    const message = await posted(store, room, "secret", BOB);
    await store.messages.setReaction({ ref: await refTo(store, message), emoji: "👍", present: true, by: ALICE });
    await store.messages.setPinned({ ref: await refTo(store, message), pinned: true, by: ALICE });
    const changed = await store.messages.delete({ ref: await refTo(store, message), by: ALICE });
    const event = eventOf(changed);
    const tombstone = {
      ...message,
      body: "",
      deletedAt: expect.any(Number),
      reactions: [],
      pinned: false,
    };
    expect(event).toEqual({
      on: "message.deleted",
      room,
      seq: 6,
      message: message.id,
      deletedAt: changed.outcome === "changed" && changed.message.deletedAt,
      by: ALICE,
    });
    expect((await store.messages.readHistory({ room, limit: 10 })).messages).toEqual([first, tombstone]);
    expect(await store.messages.find({ room, message: message.id })).toEqual(tombstone);
    expect(await store.messages.listPinned({ room, viewer: ALICE.id })).toEqual([]);
    expect(await store.messages.listVersions({ room, message: message.id })).toEqual([
      { body: "secret", at: message.createdAt, by: BOB },
    ]);
    const log = await store.eventLog.readSince({ room, since: 2, limit: 10 });
    expect(log?.[0], "the log tells what is now").toEqual({ on: "message.posted", room, seq: 3, message: tombstone });
    expect(log?.at(-1)).toEqual(event);
    expect(JSON.stringify(log)).not.toContain("secret");
  });

  test("again is answered as the first time, and the message cannot be changed any more", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room);
    await store.messages.delete({ ref: await refTo(store, message), by: ALICE });
    await posted(store, room);
    const where = await refTo(store, message);
    const again = await store.messages.delete({ ref: where, by: BOB });
    expect(again).toMatchObject({ outcome: "changed", seq: 3 });
    expect(again).not.toHaveProperty("event");
    for (const refused of [
      store.messages.edit({ ref: where, body: "back", canMentionAll: false, by: ALICE }),
      store.messages.setReaction({ ref: where, emoji: "👍", present: true, by: ALICE }),
      store.messages.setPinned({ ref: where, pinned: true, by: ALICE }),
    ]) {
      expect(await refused).toEqual({ outcome: "unknown" });
    }
    expect((await store.rooms.find(room))?.lastSeq).toBe(4);
  });

  test("a repeated posting of a deleted message posts nothing anew", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room);
    await store.messages.delete({ ref: await refTo(store, message), by: ALICE });
    const { clientId, kind } = message;
    const again = await store.messages.append({ room, accessVersion: 1, author: ALICE, clientId, kind, body: "hello" });
    expect(again).toMatchObject({ outcome: "repeated", message: { id: message.id, body: "" } });
  });
});

describe("reactions", () => {
  test("are counted, in the order in which they came, and tell which are one's own", async () => {
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

  test("again, or taken back again, are no event and have the seq that made it so", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room);
    const react = async (add: boolean) =>
      store.messages.setReaction({ ref: await refTo(store, message), emoji: "👍", present: add, by: ALICE });
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

  test("are bounded by different emoji, not by people", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room);
    const where = await refTo(store, message);
    const [extra = "", ...allowed] = emojis(LIMITS.reactionsPerMessage + 1).reverse();
    for (const emoji of allowed) await store.messages.setReaction({ ref: where, emoji, present: true, by: ALICE });
    expect(await store.messages.setReaction({ ref: where, emoji: extra, present: true, by: BOB })).toEqual({
      outcome: "full",
    });
    expect(
      await store.messages.setReaction({ ref: where, emoji: allowed[0] ?? "", present: true, by: BOB }),
    ).toMatchObject({ outcome: "changed" });
    await store.messages.setReaction({ ref: where, emoji: allowed[1] ?? "", present: false, by: ALICE });
    expect(
      await store.messages.setReaction({ ref: where, emoji: extra, present: true, by: BOB }),
      "one has gone",
    ).toMatchObject({
      outcome: "changed",
    });
    expect((await store.messages.find({ room, message: message.id }))?.reactions).toHaveLength(
      LIMITS.reactionsPerMessage,
    );
  });

  test("of a crowd list the first hundred and count all", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room);
    const where = await refTo(store, message);
    const people = Array.from({ length: 103 }, (_, i) => ({ id: `p${i}`, username: `p${i}` }));
    await Promise.all(people.map((by) => store.messages.setReaction({ ref: where, emoji: "👍", present: true, by })));
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
  test("are listed newest first, and again they are no event", async () => {
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
    expect(await pin(two, true)).toMatchObject({ outcome: "changed", seq: 4 });
    expect(eventOf(await pin(two, false))).toMatchObject({ on: "message.unpinned", seq: 6 });
    expect(await pin(two, false)).toMatchObject({ outcome: "changed", seq: 6 });
    expect((await store.messages.listPinned({ room, viewer: ALICE.id })).map(({ id }) => id)).toEqual([one.id]);
    expect((await store.rooms.find(room))?.lastSeq).toBe(6);
  });

  test("are bounded", async () => {
    const store = shared();
    const room = await roomIn(store);
    const messages = await Promise.all(Array.from({ length: LIMITS.pinsPerRoom + 1 }, () => posted(store, room)));
    const [extra, ...rest] = await Promise.all(messages.map((message) => refTo(store, message)));
    if (extra === undefined) throw new Error("expected messages");
    for (const where of rest) await store.messages.setPinned({ ref: where, pinned: true, by: ALICE });
    expect(await store.messages.setPinned({ ref: extra, pinned: true, by: ALICE })).toEqual({ outcome: "full" });
    expect(await store.messages.listPinned({ room, viewer: ALICE.id })).toHaveLength(LIMITS.pinsPerRoom);
  });
});

describe("replies", () => {
  test("show the beginning of what they answer, as it is now", async () => {
    const store = shared();
    const room = await roomIn(store);
    const question = await posted(store, room, "👩‍👧".repeat(100), BOB);
    const answer = { room, accessVersion: 1, author: ALICE, clientId: "answer", kind: "message", body: "yes" } as const;
    const appended = await store.messages.append({ ...answer, replyTo: question.id });
    if (appended.outcome !== "appended") throw new Error(`expected appended, got ${appended.outcome}`);
    const excerpt = [..."👩‍👧".repeat(100)].slice(0, 140).join("");
    const quoted = { id: question.id, seq: question.seq, author: BOB, excerpt };
    expect(appended.message.replyTo).toEqual(quoted);
    const find = async () => (await store.messages.find({ room, message: appended.message.id }))?.replyTo;
    expect(await find()).toEqual(quoted);
    await store.messages.edit({ ref: await refTo(store, question), body: "why?", canMentionAll: false, by: BOB });
    expect(await find()).toEqual({ ...quoted, excerpt: "why?" });
    await store.messages.delete({ ref: await refTo(store, question), by: BOB });
    expect(await find()).toEqual({ ...quoted, excerpt: "" });
  });

  test("to a message that is not in the room are refused", async () => {
    const store = shared();
    const [room, other] = [await roomIn(store), await roomIn(store)];
    const elsewhere = await posted(store, other);
    const answer = { room, accessVersion: 1, author: ALICE, clientId: "answer", kind: "message", body: "yes" } as const;
    for (const replyTo of [elsewhere.id, "nothing"]) {
      expect(await store.messages.append({ ...answer, replyTo })).toEqual({ outcome: "unknown" });
    }
    expect((await store.rooms.find(room))?.lastSeq).toBe(1);
  });
});

describe("every change", () => {
  test("is refused where the room is not as the policy saw it, or the message not in it", async () => {
    const store = shared();
    const [room, other] = [await roomIn(store), await roomIn(store)];
    const message = await posted(store, room);
    const before = await refTo(store, message);
    await store.rooms.change({ room, changes: { staffOnly: true }, by: null });
    const all = (where: typeof before) =>
      Promise.all([
        store.messages.edit({ ref: where, body: "x", canMentionAll: false, by: ALICE }),
        store.messages.delete({ ref: where, by: ALICE }),
        store.messages.setReaction({ ref: where, emoji: "👍", present: true, by: ALICE }),
        store.messages.setPinned({ ref: where, pinned: true, by: ALICE }),
      ]);
    for (const refused of await all(before)) expect(refused).toEqual({ outcome: "stale" });
    for (const refused of await all({ room: other, accessVersion: 1, message: message.id })) {
      expect(refused).toEqual({ outcome: "unknown" });
    }
    expect((await store.rooms.find(room))?.lastSeq).toBe(3);
    expect((await store.rooms.find(other))?.lastSeq).toBe(1);
  });

  test("asked for many times at once is made once", async () => {
    const store = shared();
    const room = await roomIn(store);
    const where = await refTo(store, await posted(store, room));
    const times = <T>(ask: () => Promise<T>) => Promise.all(Array.from({ length: 20 }, ask));
    const answers = [
      await times(() => store.messages.setReaction({ ref: where, emoji: "👍", present: true, by: BOB })),
      await times(() => store.messages.edit({ ref: where, body: "edited", canMentionAll: false, by: ALICE })),
      await times(() => store.messages.setPinned({ ref: where, pinned: true, by: ALICE })),
      await times(() => store.messages.delete({ ref: where, by: ALICE })),
    ];
    for (const [i, answer] of answers.entries()) {
      expect(answer.filter((changed) => "event" in changed)).toHaveLength(1);
      expect(new Set(answer.map((changed) => changed.outcome === "changed" && changed.seq))).toEqual(new Set([3 + i]));
    }
    expect((await store.rooms.find(room))?.lastSeq).toBe(6);
  });
});

describe("slow mode", () => {
  test("asks an author to wait, and says how long; others need not", async () => {
    const store = shared();
    const room = await roomIn(store);
    const say = (clientId: string, author: typeof ALICE | null, slowModeSeconds = 3_600) =>
      store.messages.append({ room, accessVersion: 1, author, clientId, kind: "message", body: "hi", slowModeSeconds });
    const first = await say("one", ALICE);
    expect(first.outcome).toBe("appended");
    const second = await say("two", ALICE);
    expect(second.outcome).toBe("slow");
    const wait = second.outcome === "slow" ? second.retryAfterMs : 0;
    expect(wait).toBeGreaterThan(3_500_000);
    expect(wait).toBeLessThanOrEqual(3_600_000);
    expect(await say("one", ALICE), "a repetition is no second message").toMatchObject({ outcome: "repeated" });
    if (first.outcome === "appended")
      await store.messages.delete({ ref: await refTo(store, first.message), by: ALICE });
    expect((await say("three", ALICE)).outcome, "deleting makes no room").toBe("slow");
    expect((await say("one", BOB)).outcome).toBe("appended");
    expect((await say("one", null)).outcome, "a notice").toBe("appended");
    expect((await say("two", null)).outcome).toBe("appended");
    expect((await say("two", ALICE, 0)).outcome, "no slow mode").toBe("appended");
    expect((await post(store, room)).outcome).toBe("appended");
  });
});

describe("the log", () => {
  test("goes on over an event of a kind that this version does not know", async () => {
    const file = await tempFile();
    const store = await tempStore({ file });
    const room = await roomIn(store);
    await posted(store, room);
    const raw = new Database(file);
    raw.prepare("update event set kind = 'room.painted', data = '{\"colour\":\"red\"}' where seq = 1").run();
    raw.close();
    expect(
      (await store.eventLog.readSince({ room, since: 0, limit: 10 }))?.map((event) => ({
        on: event.on,
        seq: event.seq,
      })),
    ).toEqual([
      { on: "room.changed", seq: 1 },
      { on: "message.posted", seq: 2 },
    ]);
    expect((await store.eventLog.readSince({ room, since: 0, limit: 10 }))?.[0]).toMatchObject({ changes: {} });
  });
});
