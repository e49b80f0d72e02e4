import { expect, test } from "vitest";
import type { ChatStore } from "../../../src/store/store.ts";
import { posted, roomIn, sharedStore, until } from "../support/temp-store.ts";

const shared = sharedStore();
const LONGEST = "字".repeat(10_000);
const COUNT = 40;

/** Returns a room with many of the longest messages, whose seqs are 2 to 41. */
async function longRoom(store: ChatStore): Promise<string> {
  const room = await roomIn(store);
  for (let index = 0; index < COUNT; index += 1) await posted(store, room, LONGEST);
  return room;
}

test("a page of long messages holds fewer of them, and says that there are more", async () => {
  const store = shared();
  const room = await longRoom(store);
  for (const [query, hasLater] of [
    [{}, false],
    [{ before: 30 }, true],
    [{ after: 5 }, true],
    [{ around: 20 }, true],
  ] as const) {
    const { messages, hasBefore, hasAfter } = await store.messages.readHistory({ room, limit: 100, ...query });
    expect(messages.length, JSON.stringify(query)).toBeGreaterThanOrEqual(6);
    expect(messages.length, JSON.stringify(query)).toBeLessThan(10);
    expect(hasBefore).toBe(true);
    expect(hasAfter).toBe(hasLater);
  }
});

test("the page around a message holds it, however long it and its neighbors are", async () => {
  const store = shared();
  const room = await longRoom(store);
  for (let around = 2; around < COUNT + 2; around += 1) {
    const { messages } = await store.messages.readHistory({ room, limit: 100, around });
    expect(messages.map(({ seq }) => seq)).toContain(around);
  }
});

test("a message that is longer than a page is a page of its own", async () => {
  const store = shared();
  const room = await roomIn(store);
  for (let index = 0; index < 3; index += 1) await posted(store, room, "x".repeat(300_000));
  const { messages, hasBefore } = await store.messages.readHistory({ room, limit: 50 });
  expect(messages.map(({ seq }) => seq)).toEqual([4]);
  expect(hasBefore).toBe(true);
});

test.each(["before", "after"] as const)(
  "all messages are read page by page, with %s, and none twice",
  async (direction) => {
    const store = shared();
    const room = await longRoom(store);
    const seqs: number[] = [];
    let at = direction === "before" ? COUNT + 2 : 1;
    for (let hasMore = true; hasMore; ) {
      const page = await store.messages.readHistory({ room, limit: 50, [direction]: at });
      const read = page.messages.map(({ seq }) => seq);
      seqs.push(...read);
      hasMore = direction === "before" ? page.hasBefore : page.hasAfter;
      at = (direction === "before" ? read.at(0) : read.at(-1)) ?? 0;
    }
    expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, index) => index + 2));
  },
);

test("a page of results holds fewer long messages, and the next page goes on after them", async () => {
  const store = shared();
  const room = await longRoom(store);
  await until(async () => !(await store.search.hasUnindexed()));
  const found: number[] = [];
  let pages = 0;
  for (let cursor: string | undefined | null; cursor !== null; pages += 1) {
    const page = await store.search.find({
      rooms: [room],
      terms: [{ text: "字", kind: "word" }],
      limit: 50,
      viewer: "alice-id",
      cursor,
    });
    if (page === undefined) throw new Error("expected a page of results");
    found.push(...page.found.map(({ seq }) => seq));
    cursor = page.cursor;
  }
  expect(pages).toBeGreaterThan(3);
  expect(found).toEqual(Array.from({ length: COUNT }, (_, index) => COUNT + 1 - index));
});

test("events whose messages are too long together are not read", async () => {
  const store = shared();
  const room = await longRoom(store);
  const query = { room, since: 1, limit: 100 };
  expect(await store.eventLog.readSince(query)).toHaveLength(COUNT);
  expect(await store.eventLog.readSince({ ...query, maxBodyBytes: COUNT * 30_000 })).toHaveLength(COUNT);
  expect(await store.eventLog.readSince({ ...query, maxBodyBytes: COUNT * 30_000 - 1 })).toBeUndefined();
});
