import { describe, expect, test } from "vitest";
import { ALICE, BOB, newPlace, openStore, post, posted, refTo, roomIn, sharedStore } from "../support/temp-store.ts";
import { testDatabase } from "../support/test-database.ts";

const shared = sharedStore();

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
    const place = await newPlace();
    const store = await openStore({ place });
    const room = await roomIn(store);
    await posted(store, room);
    await testDatabase().execute(
      place,
      "update event set kind = 'room.painted', data = '{\"color\":\"red\"}' where seq = 1",
    );
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
