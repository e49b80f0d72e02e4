import { describe, expect, test } from "vitest";
import { ALICE, BOB, eventOf, posted, refTo, roomIn, sharedStore } from "../support/temp-store.ts";

const shared = sharedStore();

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

  test("of another version than the expected one changes nothing, except where it was made already", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room, "- [ ] milk");
    const edit = async (body: string, expectedEditedAt?: number | null) =>
      store.messages.edit({
        ref: await refTo(store, message),
        body,
        expectedEditedAt,
        canMentionAll: false,
        by: ALICE,
      });
    const first = await edit("- [x] milk", null);
    if (first.outcome !== "changed") throw new Error("expected the first edit to be made");
    const { editedAt } = first.message;
    expect(await edit("- [ ] bread", null)).toEqual({ outcome: "conflict" });
    expect(await edit("- [ ] bread", (editedAt ?? 0) - 1)).toEqual({ outcome: "conflict" });
    expect(await edit("- [x] milk", null)).toMatchObject({ outcome: "changed", seq: 3 });
    expect((await store.rooms.find(room))?.lastSeq).toBe(3);
    expect(await edit("- [x] bread", editedAt)).toMatchObject({ outcome: "changed", seq: 4 });
    expect(await edit("anything")).toMatchObject({ outcome: "changed", seq: 5 });
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

  test.each([
    ["of three bytes", "一", 6],
    ["of two bytes", "é", 10],
    ["of four bytes", "👍", 5],
    ["of one byte", "x", 12],
  ])("lists only as many of the latest bodies as a page holds: characters %s", async (_, character, count) => {
    const store = shared();
    const room = await roomIn(store);
    const bodyOf = (index: number) => `${index}`.padStart(2, "0") + character.repeat(9_998);
    const message = await posted(store, room, bodyOf(0));
    for (let index = 1; index <= 12; index += 1) {
      const edit = { body: bodyOf(index), canMentionAll: false, by: ALICE };
      await store.messages.edit({ ref: await refTo(store, message), ...edit });
    }
    const listed = await store.messages.listVersions({ room, message: message.id });
    const latest = Array.from({ length: count }, (_each, index) => bodyOf(12 - count + index).slice(0, 2));
    expect(listed.map(({ body }) => body.slice(0, 2))).toEqual(latest);
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
