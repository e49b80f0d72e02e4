import type { LogEvent } from "@multichat/protocol";
import { expect, test } from "vitest";
import { MissedEvents } from "../../src/rooms/missed-events.ts";
import type { LogPosition } from "../../src/store/event-log/read-events.ts";

/** A store whose reads the test answers. */
function open() {
  const reads: {
    readonly positions: readonly LogPosition[];
    answer(...texts: (string | undefined)[]): void;
    fail(): void;
  }[] = [];
  const readMissed = ({ positions }: { readonly positions: readonly LogPosition[] }) =>
    new Promise<readonly (string | undefined)[]>((resolve, reject) => {
      reads.push({ positions, answer: (...texts) => resolve(texts), fail: () => reject(new Error("busy")) });
    });
  const missed = new MissedEvents({ eventLog: { readMissed } }, { events: 500, bodyBytes: 1_000 });
  return { missed, reads };
}

const at = (since: number, { id = "general", lastSeq = 9 } = {}) => ({ id, since, lastSeq });
// The cache does not look into the events.
const events = (name: string): string => JSON.stringify([{ on: "room.changed", name }]);
const nameOf = (answered: readonly LogEvent[] | undefined) => (answered?.[0] as { name?: string } | undefined)?.name;

test("one read answers all who have missed the same, at once and later, until the log grows", async () => {
  const { missed, reads } = open();
  const [first, second] = [missed.read([at(7)]), missed.read([at(7)])];
  expect(reads).toHaveLength(1);
  reads[0]?.answer(events("one"));
  const [[one], [two]] = [await first, await second];
  expect(nameOf(one)).toBe("one");
  expect(two).toBe(one);
  expect((await missed.read([at(7)]))[0]).toBe(one);
  expect(missed.textOf(one ?? [])).toBe(events("one"));
  expect(reads).toHaveLength(1);
  const grown = missed.read([at(7, { lastSeq: 10 })]);
  expect(reads).toHaveLength(2);
  reads[1]?.answer(events("two"));
  expect(nameOf((await grown)[0])).toBe("two");
});

test("reads together what nobody has read or is reading, and answers in the order of the positions", async () => {
  const { missed, reads } = open();
  const known = missed.read([at(1)]);
  reads[0]?.answer(events("known"));
  await known;
  const pending = missed.read([at(2)]);
  const all = missed.read([at(3), at(1), at(2), at(4, { id: "other" }), at(3, { id: "third" })]);
  expect(reads.map(({ positions }) => positions)).toEqual([
    [{ room: "general", since: 1 }],
    [{ room: "general", since: 2 }],
    [
      { room: "general", since: 3 },
      { room: "other", since: 4 },
      { room: "third", since: 3 },
    ],
  ]);
  reads[2]?.answer(events("three"), undefined, events("third"));
  reads[1]?.answer(events("pending"));
  expect((await all).map(nameOf)).toEqual(["three", "known", "pending", undefined, "third"]);
  await pending;
  expect((await missed.read([at(4, { id: "other" })]))[0], "too much to replay is remembered too").toBeUndefined();
  expect(reads).toHaveLength(3);
});

test("a failed read fails those who waited for it, and is repeated for the next", async () => {
  const { missed, reads } = open();
  const waiting = [missed.read([at(1)]), missed.read([at(1)])];
  reads[0]?.fail();
  for (const read of waiting) await expect(read).rejects.toThrow("busy");
  const next = missed.read([at(1)]);
  reads[1]?.answer(events("there"));
  expect(nameOf((await next)[0])).toBe("there");
});

test("after a change of a name nothing older is used, also of a read under way", async () => {
  const { missed, reads } = open();
  const before = missed.read([at(1)]);
  missed.clear();
  const after = missed.read([at(1)]);
  expect(reads).toHaveLength(2);
  reads[0]?.answer(events("old name"));
  await before;
  reads[1]?.answer(events("new name"));
  expect(nameOf((await after)[0])).toBe("new name");
  expect(nameOf((await missed.read([at(1)]))[0])).toBe("new name");
});
