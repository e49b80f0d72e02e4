import type { LogEvent, Message } from "@multichat/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addInterval, subtractInterval } from "../../src/core/intervals.ts";
import { createUuidGenerator } from "../../src/core/uuid.ts";
import { LogCursor } from "../../src/room/log/log-cursor.ts";
import { UnreadCounter } from "../../src/room/reading/unread-counter.ts";
import { Timeline, type Viewer } from "../../src/room/timeline/timeline.ts";

const event = (seq: number): LogEvent => ({ on: "room.created", room: "r", seq, by: null });

const message = (seq: number): Message => ({
  id: `m${seq}`,
  room: "r",
  seq,
  kind: "message",
  author: { id: seq % 3 === 0 ? "me" : "other", username: "x" },
  clientId: `c${seq}`,
  body: `${seq}`,
  createdAt: 0,
  editedAt: null,
  deletedAt: null,
  replyTo: null,
  mentions: [],
  mentionNames: [],
  mentionsAll: false,
  reactions: [],
  pinned: false,
});

const viewer: Viewer = { userId: "me", isOwn: (m) => m.author?.id === "me" };

const takeAll = (cursor: LogCursor) => {
  const seqs: number[] = [];
  for (let next = cursor.take(); next !== undefined; next = cursor.take()) seqs.push(next.seq);
  return seqs;
};

describe("a log cursor", () => {
  test("returns every event once and in order, in whatever order and number they are offered", () => {
    const offers = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 80 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), offers, (start, seqs) => {
        const cursor = new LogCursor(start);
        const taken: number[] = [];
        for (const seq of seqs) {
          cursor.offer(event(seq));
          taken.push(...takeAll(cursor));
        }
        const offered = new Set(seqs);
        let end = start;
        while (offered.has(end + 1)) end += 1;
        expect(taken).toEqual(Array.from({ length: end - start }, (_, i) => start + 1 + i));
        expect(cursor.seq).toBe(end);
        expect(cursor.isBehind).toBe(seqs.some((seq) => seq > end));
      }),
    );
  });

  test("holds at most a thousand events, and always accepts the next one", () => {
    const cursor = new LogCursor(0);
    for (let seq = 2; seq <= 1_500; seq += 1) cursor.offer(event(seq));
    for (let i = 0; i < 5; i += 1) cursor.offer(event(1));
    expect(takeAll(cursor)).toHaveLength(1_001);
    expect(cursor.isBehind).toBe(true);
    // An event that was returned is not held again.
    for (let seq = 1; seq <= 1_000; seq += 1) cursor.offer(event(seq));
    for (let seq = 1_003; seq <= 1_500; seq += 1) cursor.offer(event(seq));
    cursor.offer(event(1_002));
    expect(takeAll(cursor)).toHaveLength(499);
  });

  test("skips events forward only", () => {
    const cursor = new LogCursor(3);
    for (const seq of [5, 6, 9]) cursor.offer(event(seq));
    cursor.skipTo(2);
    expect(cursor.seq).toBe(3);
    cursor.skipTo(5);
    expect(takeAll(cursor)).toEqual([6]);
    cursor.dropHeld();
    expect(cursor.isBehind).toBe(false);
  });
});

test("adds and subtracts intervals like sets of numbers", () => {
  const bounds = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 20 }));
  fc.assert(
    fc.property(fc.array(bounds, { maxLength: 20 }), (operations) => {
      let intervals: ReturnType<typeof addInterval> = [];
      const set = new Set<number>();
      for (const [add, lo, hi] of operations) {
        intervals = add ? addInterval(intervals, lo, hi) : subtractInterval(intervals, lo, hi);
        for (let n = lo; n <= hi; n += 1) {
          if (add) set.add(n);
          else set.delete(n);
        }
        const spelled = intervals.flatMap(({ lo: from, hi: to }) =>
          Array.from({ length: to - from + 1 }, (_, i) => from + i),
        );
        expect(spelled).toEqual([...set].sort((a, b) => a - b));
        for (const [i, { lo: from }] of intervals.entries()) {
          const previous = intervals[i - 1];
          if (previous !== undefined) expect(from).toBeGreaterThan(previous.hi + 1);
        }
      }
    }),
  );
});

describe("a timeline", () => {
  /** Events with odd seqs are messages, those with even seqs are others. */
  const logged = (lo: number, hi: number) =>
    Array.from({ length: Math.max(0, hi - lo + 1) }, (_, i) => lo + i)
      .filter((seq) => seq % 2 === 1)
      .map(message);

  test("knows exactly what was inserted, through pages, new messages, skips and trims", () => {
    const operation = fc.oneof(
      fc.record({
        do: fc.constant("insert" as const),
        lo: fc.integer({ min: 1, max: 600 }),
        length: fc.integer({ min: 1, max: 120 }),
      }),
      fc.record({ do: fc.constant("append" as const), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ do: fc.constant("markMissing" as const), count: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ do: fc.constant("trim" as const), viewedSeq: fc.option(fc.integer({ min: 1, max: 600 })) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.array(operation, { maxLength: 25 }), (start, operations) => {
        const timeline = new Timeline(start, viewer);
        let end = start;
        for (const op of operations) {
          if (op.do === "insert") {
            const hi = Math.min(end, op.lo + op.length);
            timeline.insert(logged(op.lo, hi), op.lo, hi, []);
          } else if (op.do === "append") {
            for (const m of logged(end + 1, end + op.count)) timeline.append(m);
            end += op.count;
          } else if (op.do === "markMissing") {
            timeline.markMissing(end + 1, end + op.count);
            end += op.count;
          } else {
            timeline.trim(200, op.viewedSeq);
            expect(timeline.size).toBeLessThanOrEqual(200);
          }
          const items = timeline.items();
          const shownSeqs = items.flatMap((item) => (item.kind === "message" ? [item.message.seq] : []));
          // Exactly the known messages are shown.
          expect(shownSeqs).toEqual(
            logged(1, end)
              .map((m) => m.seq)
              .filter((seq) => timeline.isKnown(seq)),
          );
          // Between two messages there is a gap exactly where seqs between them are missing.
          for (const [i, item] of items.entries()) {
            const next = items[i + 1];
            if (item.kind !== "message" || next?.kind !== "message") continue;
            for (let seq = item.message.seq; seq < next.message.seq; seq += 1) expect(timeline.isKnown(seq)).toBe(true);
          }
          for (const item of items) {
            if (item.kind !== "gap") continue;
            for (let seq = item.after + 1; seq < item.before; seq += 1) expect(timeline.isKnown(seq)).toBe(false);
          }
          const firstShown = shownSeqs[0] ?? end + 1;
          const missing = Array.from({ length: firstShown - 1 }, (_, i) => i + 1).some((seq) => !timeline.isKnown(seq));
          expect(timeline.hasBefore).toBe(missing);
        }
      }),
    );
  });

  test("returns the same object for the same gap", () => {
    const timeline = new Timeline(10, viewer);
    timeline.insert(logged(1, 2), 1, 2, []);
    timeline.insert(logged(9, 10), 9, 10, []);
    const gap = timeline.items()[1];
    expect(gap).toMatchObject({ kind: "gap", after: 2, before: 9 });
    expect(timeline.items()[1]).toBe(gap);
  });
});

test("counts exactly what arrived since the log is followed, and uses the server's counts below", () => {
  const counter = new UnreadCounter();
  counter.beginAt(10);
  counter.applyServerCounts({ readSeq: 4, unread: 3, mentions: 1 }, 10);
  expect([counter.unread, counter.mentions]).toEqual([3, 1]);
  counter.add({ id: "m11", seq: 11, mentions: true });
  counter.add({ id: "m13", seq: 13, mentions: false });
  expect(counter.unread).toBe(5);
  expect(counter.markRead(11)).toBe(true);
  expect([counter.unread, counter.mentions]).toEqual([1, 0]);
  expect(counter.markRead(11)).toBe(false);
  counter.applyServerCounts({ readSeq: 9, unread: 99, mentions: 0 }, 13);
  expect(counter.unread, "an older answer is ignored").toBe(1);
});

test("ignores the server's counts as of before a deletion that was applied", () => {
  const counter = new UnreadCounter();
  counter.beginAt(10);
  counter.applyServerCounts({ readSeq: 0, unread: 5, mentions: 0 }, 10);
  expect(counter.remove("m3", 12)).toBe(false);
  expect(counter.applyServerCounts({ readSeq: 0, unread: 5, mentions: 0 }, 11)).toBe(false);
  expect(counter.applyServerCounts({ readSeq: 0, unread: 4, mentions: 0 }, 12)).toBe(true);
  expect(counter.unread).toBe(4);
});

test("generates increasing UUIDs of version 7, also when the clock stops or is set back", () => {
  const times = [1_700_000_000_000, 1_700_000_000_000, 1_700_000_000_001, 1_600_000_000_000];
  let at = 0;
  const generate = createUuidGenerator(() => times[Math.floor(at / 5_000)] ?? 0);
  const ids: string[] = [];
  for (; at < 20_000; at += 1) ids.push(generate());
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
  expect(Number.parseInt((ids[0] ?? "").replaceAll("-", "").slice(0, 12), 16)).toBe(1_700_000_000_000);
  for (const id of ids.slice(0, 100))
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
