import { describe, expect, test } from "vitest";
import type { ChatStore, NewMessage } from "../../../src/store/store.ts";
import { ALICE, BOB, eventOf, openStore, post, roomIn, sharedStore } from "../support/temp-store.ts";

const message = (room: string, more: Partial<NewMessage> = {}): NewMessage => ({
  room,
  accessVersion: 1,
  author: ALICE,
  clientId: "one",
  kind: "message",
  body: "hello",
  ...more,
});

const shared = sharedStore();

/** Returns the seqs of the room's log. */
async function seqsOf(store: ChatStore, room: string): Promise<number[]> {
  return ((await store.eventLog.readSince({ room, since: 0, limit: 10_000 })) ?? []).map(({ seq }) => seq);
}

describe("append", () => {
  test("gives a message the room's next seq, and logs it as it was returned", async () => {
    const store = shared();
    const room = await roomIn(store);
    const appended = await store.messages.append(message(room));
    if (appended.outcome !== "appended") throw new Error(`expected appended, got ${appended.outcome}`);
    expect(appended.message).toMatchObject({
      room,
      seq: 2,
      author: ALICE,
      clientId: "one",
      kind: "message",
      body: "hello",
    });
    expect(appended.event).toEqual({ on: "message.posted", room, seq: 2, message: appended.message });
    expect(await store.eventLog.readSince({ room, since: 1, limit: 10 })).toEqual([appended.event]);
    expect((await store.messages.readHistory({ room, limit: 10 })).messages).toEqual([appended.message]);
  });

  test("returns the first message for a repeated client id of the same author, and posts nothing", async () => {
    const store = shared();
    const room = await roomIn(store);
    const first = await store.messages.append(message(room));
    const again = await store.messages.append(message(room, { body: "something else" }));
    expect(first.outcome).toBe("appended");
    expect(again).toEqual({ outcome: "repeated", message: first.outcome === "appended" && first.message });
    expect(await seqsOf(store, room)).toEqual([1, 2]);
  });

  test("detects a repeat in the same batch", async () => {
    const store = shared();
    const room = await roomIn(store);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.messages.append(message(room))));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["appended", ...Array(19).fill("repeated")]);
    expect(await seqsOf(store, room)).toEqual([1, 2]);
  });

  test("detects the repeat of a notice, which has no author", async () => {
    const store = shared();
    const room = await roomIn(store);
    const notice = message(room, { author: null, kind: "alert" });
    expect((await store.messages.append(notice)).outcome).toBe("appended");
    const again = await store.messages.append(notice);
    expect(again).toMatchObject({ outcome: "repeated", message: { author: null, kind: "alert" } });
  });

  test("keeps the client ids of authors and rooms apart", async () => {
    const store = shared();
    const room = await roomIn(store);
    const other = await roomIn(store);
    for (const next of [
      message(room),
      message(room, { author: BOB }),
      message(room, { author: null }),
      message(other),
    ]) {
      expect((await store.messages.append(next)).outcome).toBe("appended");
    }
  });

  test.each([
    [
      "made staff-only",
      (store: ChatStore, room: string) => store.rooms.change({ room, changes: { staffOnly: true }, by: null }),
    ],
    [
      "archived",
      (store: ChatStore, room: string) => store.rooms.change({ room, changes: { archived: true }, by: null }),
    ],
    ["deleted", (store: ChatStore, room: string) => store.rooms.delete({ room, by: null })],
  ])("appends nothing to a room that was %s after the policy check", async (_, change) => {
    const store = shared();
    const room = await roomIn(store);
    // In one batch, the change before the append, whose policy was checked before it.
    const [, appended] = await Promise.all([change(store, room), store.messages.append(message(room))]);
    expect(appended).toEqual({ outcome: "stale" });
    expect((await store.messages.readHistory({ room, limit: 10 })).messages).toEqual([]);
  });

  test("appends nothing to an archived room, even at its present access version", async () => {
    const store = shared();
    const room = await roomIn(store);
    await store.rooms.change({ room, changes: { archived: true }, by: null });
    expect(await store.messages.append(message(room, { accessVersion: 2 }))).toEqual({ outcome: "stale" });
    await store.rooms.change({ room, changes: { archived: false }, by: null });
    expect((await store.messages.append(message(room, { accessVersion: 3 }))).outcome).toBe("appended");
  });

  test("appends nothing to a room that does not exist", async () => {
    const store = shared();
    expect(await store.messages.append(message("nowhere"))).toEqual({ outcome: "stale" });
  });

  test("keeps the order of concurrent appends, without gaps", async () => {
    const store = await openStore({ maxBatchSize: 7 });
    const room = await roomIn(store);
    const appends = Array.from({ length: 200 }, (_, i) => store.messages.append(message(room, { clientId: `c${i}` })));
    const results = await Promise.all(appends);
    expect(results.map((result) => result.outcome === "appended" && result.message.seq)).toEqual(
      Array.from({ length: 200 }, (_, i) => i + 2),
    );
    expect(await seqsOf(store, room)).toEqual(Array.from({ length: 201 }, (_, i) => i + 1));
  });

  test("a failed append affects no other of its transaction", async () => {
    const store = shared();
    const room = await roomIn(store);
    // The database rejects a kind of null after the seq has been reserved.
    const broken = { ...message(room, { clientId: "broken" }), kind: null as unknown as "message" };
    const settled = await Promise.allSettled([
      store.messages.append(message(room, { clientId: "before" })),
      store.messages.append(broken),
      store.messages.append(message(room, { clientId: "after" })),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(settled[1]).toMatchObject({ reason: { name: "StoreError", code: "constraint" } });
    expect(await seqsOf(store, room)).toEqual([1, 2, 3]);
    expect((await store.rooms.find(room))?.lastSeq).toBe(3);
  });

  test("stores any text unchanged", async () => {
    const store = shared();
    const room = await roomIn(store);
    const body = "emoji 👩‍👩‍👧‍👦, 日本語, عربي, 'quotes\" \\ % _ ; -- \n\t e\u0301";
    await post(store, room, body);
    expect((await store.messages.readHistory({ room, limit: 1 })).messages[0]?.body).toBe(body);
  });
});

describe("pages of history", () => {
  /** Creates a room whose log is: 1 created, 2-6 messages, 7 renamed, 8-12 messages. */
  async function roomWithHistory(): Promise<{ store: ChatStore; room: string }> {
    const store = shared();
    const room = await roomIn(store);
    for (let i = 0; i < 5; i += 1) await post(store, room);
    await store.rooms.change({ room, changes: { title: "renamed" }, by: null });
    for (let i = 0; i < 5; i += 1) await post(store, room);
    return { store, room };
  }

  test.each([
    ["the latest", { limit: 3 }, [10, 11, 12], true, false],
    ["all messages", { limit: 10 }, [2, 3, 4, 5, 6, 8, 9, 10, 11, 12], false, false],
    ["before, across an event other than a message", { before: 9, limit: 3 }, [5, 6, 8], true, true],
    ["before the first", { before: 2, limit: 3 }, [], false, true],
    ["before beyond the end", { before: 1000, limit: 2 }, [11, 12], true, false],
    ["after", { after: 5, limit: 2 }, [6, 8], true, true],
    ["after the last", { after: 12, limit: 2 }, [], true, false],
    ["after nothing", { after: 0, limit: 2 }, [2, 3], false, true],
    ["around, half on each side", { around: 8, limit: 4 }, [5, 6, 8, 9], true, true],
    ["around the first: the other side fills up", { around: 2, limit: 4 }, [2, 3, 4, 5], false, true],
    ["around the last: the other side fills up", { around: 12, limit: 4 }, [9, 10, 11, 12], true, false],
    ["around an event other than a message", { around: 7, limit: 2 }, [6, 8], true, true],
    ["around one", { around: 8, limit: 1 }, [8], true, true],
  ])("%s", async (_, where, expected, hasBefore, hasAfter) => {
    const { store, room } = await roomWithHistory();
    const page = await store.messages.readHistory({ room, ...where });
    expect(page.messages.map(({ seq }) => seq)).toEqual(expected);
    expect({ hasBefore: page.hasBefore, hasAfter: page.hasAfter }).toEqual({ hasBefore, hasAfter });
  });
});

describe("the log after a seq", () => {
  test("holds every kind of event in order", async () => {
    const store = shared();
    const { room, events: created } = await store.rooms.create({ title: "General", by: BOB });
    const posted = await post(store, room.id);
    const changed = await store.rooms.change({ room: room.id, changes: { topic: "new" }, by: BOB });
    expect(await store.eventLog.readSince({ room: room.id, since: 0, limit: 4 })).toEqual([
      ...created,
      posted.outcome === "appended" && posted.event,
      eventOf(changed),
    ]);
  });

  test("is empty at the end, and undefined out of range", async () => {
    const store = shared();
    const room = await roomIn(store);
    await post(store, room);
    expect(await store.eventLog.readSince({ room, since: 2, limit: 10 })).toEqual([]);
    expect(await store.eventLog.readSince({ room, since: 3, limit: 10 }), "ahead of the log").toBeUndefined();
    expect(await store.eventLog.readSince({ room, since: 0, limit: 1 }), "more than the limit").toBeUndefined();
    expect(await store.eventLog.readSince({ room, since: -1, limit: 10 }), "before the start").toBeUndefined();
    expect(await store.eventLog.readSince({ room: "nowhere", since: 0, limit: 10 }), "no such room").toBeUndefined();
  });
});
