import { DatabaseSync } from "node:sqlite";
import { LIMITS } from "@multichat/protocol";
import { describe, expect, test } from "vitest";
import { ALICE, BOB, eventOf, post, posted, refTo, roomIn, sharedStore, tempFile, tempStore } from "../support/temp-store.ts";

const shared = sharedStore();

/** Returns different emoji. */
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

  test("without a change of the body is no event, and returns the seq of the last edit", async () => {
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

  test("keeps the previous bodies with their authors and times", async () => {
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
      "in another room",
    ).toEqual([]);
  });
});

describe("a deletion", () => {
  test("empties the message, keeps its place and stores its body as a version", async () => {
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
    expect(log?.[0], "the log shows the present state").toEqual({
      on: "message.posted",
      room,
      seq: 3,
      message: tombstone,
    });
    expect(log?.at(-1)).toEqual(event);
    expect(JSON.stringify(log)).not.toContain("secret");
  });

  test("repeated returns the seq of the first, and a deleted message cannot be changed", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room);
    await store.messages.delete({ ref: await refTo(store, message), by: ALICE });
    await posted(store, room);
    const ref = await refTo(store, message);
    const again = await store.messages.delete({ ref, by: BOB });
    expect(again).toMatchObject({ outcome: "changed", seq: 3 });
    expect(again).not.toHaveProperty("event");
    for (const result of [
      store.messages.edit({ ref, body: "back", canMentionAll: false, by: ALICE }),
      store.messages.setReaction({ ref, emoji: "👍", present: true, by: ALICE }),
      store.messages.setPinned({ ref, pinned: true, by: ALICE }),
    ]) {
      expect(await result).toEqual({ outcome: "unknown" });
    }
    expect((await store.rooms.find(room))?.lastSeq).toBe(4);
  });

  test("a retried send of a deleted message posts nothing", async () => {
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

describe("every change", () => {
  test("is rejected where the access version has changed, or the message is in another room", async () => {
    const store = shared();
    const [room, other] = [await roomIn(store), await roomIn(store)];
    const message = await posted(store, room);
    const before = await refTo(store, message);
    await store.rooms.change({ room, changes: { staffOnly: true }, by: null });
    const changeAll = (ref: typeof before) =>
      Promise.all([
        store.messages.edit({ ref, body: "x", canMentionAll: false, by: ALICE }),
        store.messages.delete({ ref, by: ALICE }),
        store.messages.setReaction({ ref, emoji: "👍", present: true, by: ALICE }),
        store.messages.setPinned({ ref, pinned: true, by: ALICE }),
      ]);
    for (const result of await changeAll(before)) expect(result).toEqual({ outcome: "stale" });
    for (const result of await changeAll({ room: other, accessVersion: 1, message: message.id })) {
      expect(result).toEqual({ outcome: "unknown" });
    }
    expect((await store.rooms.find(room))?.lastSeq).toBe(3);
    expect((await store.rooms.find(other))?.lastSeq).toBe(1);
  });

  test("is applied once where it is requested many times concurrently", async () => {
    const store = shared();
    const room = await roomIn(store);
    const ref = await refTo(store, await posted(store, room));
    const repeat = <T>(change: () => Promise<T>) => Promise.all(Array.from({ length: 20 }, change));
    const results = [
      await repeat(() => store.messages.setReaction({ ref, emoji: "👍", present: true, by: BOB })),
      await repeat(() => store.messages.edit({ ref, body: "edited", canMentionAll: false, by: ALICE })),
      await repeat(() => store.messages.setPinned({ ref, pinned: true, by: ALICE })),
      await repeat(() => store.messages.delete({ ref, by: ALICE })),
    ];
    for (const [i, repeated] of results.entries()) {
      expect(repeated.filter((changed) => "event" in changed)).toHaveLength(1);
      expect(new Set(repeated.map((changed) => changed.outcome === "changed" && changed.seq))).toEqual(
        new Set([3 + i]),
      );
    }
    expect((await store.rooms.find(room))?.lastSeq).toBe(6);
  });
});

describe("slow mode", () => {
  test("returns how long the author has to wait, and delays no other author", async () => {
    const store = shared();
    const room = await roomIn(store);
    const append = (clientId: string, author: typeof ALICE | null, slowModeSeconds = 3_600) =>
      store.messages.append({ room, accessVersion: 1, author, clientId, kind: "message", body: "hi", slowModeSeconds });
    const first = await append("one", ALICE);
    expect(first.outcome).toBe("appended");
    const second = await append("two", ALICE);
    expect(second.outcome).toBe("slow");
    const wait = second.outcome === "slow" ? second.retryAfterMs : 0;
    expect(wait).toBeGreaterThan(3_500_000);
    expect(wait).toBeLessThanOrEqual(3_600_000);
    expect(await append("one", ALICE), "a retry is not a second message").toMatchObject({ outcome: "repeated" });
    if (first.outcome === "appended")
      await store.messages.delete({ ref: await refTo(store, first.message), by: ALICE });
    expect((await append("three", ALICE)).outcome, "deleting the last message does not help").toBe("slow");
    expect((await append("one", BOB)).outcome).toBe("appended");
    expect((await append("one", null)).outcome, "a notice").toBe("appended");
    expect((await append("two", null)).outcome).toBe("appended");
    expect((await append("two", ALICE, 0)).outcome, "no slow mode").toBe("appended");
    expect((await post(store, room)).outcome).toBe("appended");
  });
});

describe("the log", () => {
  test("continues across an event of an unknown kind", async () => {
    const file = await tempFile();
    const store = await tempStore({ file });
    const room = await roomIn(store);
    await posted(store, room);
    const raw = new DatabaseSync(file, { timeout: 5_000 });
    raw.prepare("update event set kind = 'room.painted', data = '{\"color\":\"red\"}' where seq = 1").run();
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
