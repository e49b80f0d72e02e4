import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { OccupancyDifference, OccupancyReport } from "../../src/fan-out/broadcasts.ts";
import { RoomOccupancy, type RoomOccupancyOptions } from "../../src/presence/room-occupancy.ts";

const ROOM = { id: "general", number: 1 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function open(options: Partial<RoomOccupancyOptions> = {}) {
  const published: (OccupancyDifference & { readonly at: number })[] = [];
  const classic: string[] = [];
  const reports: OccupancyReport[] = [];
  const broadcasts = {
    publishOccupancy: async (_room: string, difference: OccupancyDifference) => {
      published.push({ ...difference, at: Date.now() });
    },
    reportOccupancy: async (_room: string, report: OccupancyReport) => {
      reports.push(report);
    },
    publishEntry: async (_room: unknown, { id }: { id: string }) => {
      classic.push(`+${id}`);
    },
    publishExit: async (_room: unknown, { id }: { id: string }) => {
      classic.push(`-${id}`);
    },
  } satisfies RoomOccupancyOptions["broadcasts"];
  const occupancy = new RoomOccupancy({
    broadcasts,
    isPublished: true,
    largeRoomUsers: 100,
    now: () => Date.now(),
    ...options,
  });
  const userOf = (id: string) => ({ id, username: id.toUpperCase() });
  return {
    occupancy,
    published,
    classic,
    reports,
    userOf,
    enter: (id: string, { isFirst = true } = {}) => {
      occupancy.add(ROOM, userOf(id));
      void occupancy.publishEntry(userOf(id), ROOM, { isFirst, channel: id });
    },
    leave: (id: string, { isFirst = true } = {}) => {
      occupancy.remove(ROOM, userOf(id));
      void occupancy.publishExit(userOf(id), ROOM, { isFirst });
    },
    wait: (ms: number) => vi.advanceTimersByTimeAsync(ms),
  };
}

const namesOf = (users: readonly { readonly id: string }[]) => users.map(({ id }) => id);

test("publishes one entry at once, and further ones together a quarter of a second later", async () => {
  const { enter, published, wait } = open();
  enter("a");
  await wait(1);
  expect(published).toMatchObject([{ count: 1, entered: [{ id: "a", username: "A" }], exited: [] }]);
  for (const id of ["b", "c", "d"]) enter(id);
  await wait(200);
  expect(published).toHaveLength(1);
  await wait(100);
  expect(published.slice(1)).toMatchObject([{ count: 4, exited: [] }]);
  expect(namesOf(published[1]?.entered ?? [])).toEqual(["b", "c", "d"]);
});

test("publishes nothing of what cancels out, and of a second connection of a user", async () => {
  const { enter, leave, published, wait } = open();
  enter("reader");
  enter("a");
  await wait(1_000);
  enter("b");
  leave("b");
  leave("a");
  enter("a");
  enter("a");
  await wait(1_000);
  leave("a");
  await wait(1_000);
  expect(published).toHaveLength(1);
});

test("counts silent connections without naming their users", async () => {
  const { occupancy, enter, published, userOf, wait } = open();
  enter("a");
  await wait(1_000);
  for (const id of ["b", "c"]) occupancy.add(ROOM, userOf(id));
  await wait(1_000);
  occupancy.remove(ROOM, userOf("b"));
  await wait(1_000);
  expect(published.slice(1)).toMatchObject([
    { count: 3, entered: [], exited: [] },
    { count: 2, entered: [], exited: [] },
  ]);
  expect(occupancy.count("general")).toBe(2);
  expect(occupancy.count("unknown")).toBe(0);
});

type Step = { readonly do: "enter" | "leave"; readonly user: string; readonly waitMs: number };
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom("enter" as const, "leave" as const),
  user: fc.constantFrom("a", "b", "c", "d", "e", "f"),
  waitMs: fc.constantFrom(0, 0, 0, 1, 20, 100, 249, 250, 400),
});

describe.each([100, 3, 0])("whatever happens, with rooms of more than %i users large", (largeRoomUsers) => {
  test("a room has at most four differences a second, whose sum is who is in it, and names nobody when it is large", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const { occupancy, enter, leave, published, wait } = open({ largeRoomUsers });
        const connections = new Map<string, number>();
        // A user who stays receives the differences.
        enter("reader");
        for (const { do: act, user, waitMs } of steps) {
          const open = connections.get(user) ?? 0;
          if (act === "enter") {
            connections.set(user, open + 1);
            enter(user);
          } else if (open > 0) {
            connections.set(user, open - 1);
            leave(user);
          }
          await wait(waitMs);
        }
        await wait(2_000);
        const present = [...connections].flatMap(([user, count]) => (count > 0 ? [user] : []));
        expect(published.at(-1)?.count).toBe(1 + present.length);
        expect(occupancy.count("general")).toBe(1 + present.length);
        for (const { at } of published) {
          const inSecond = published.filter((other) => other.at >= at && other.at < at + 1_000);
          expect(inSecond.length).toBeLessThanOrEqual(4);
        }
        const named = new Set<string>();
        for (const { count, entered, exited } of published) {
          if (count > largeRoomUsers) expect([...entered, ...exited]).toEqual([]);
          for (const { id } of exited) named.delete(id);
          for (const { id } of entered) named.add(id);
        }
        if (largeRoomUsers === 100) expect([...named].sort()).toEqual([...present, "reader"].sort());
        occupancy.close();
      }),
      { numRuns: 100 },
    );
  });
});

test("a difference names at most fifty users, and counts all", async () => {
  const { enter, published, wait } = open({ largeRoomUsers: 1_000 });
  enter("reader");
  await wait(10);
  for (let i = 0; i < 80; i += 1) enter(`u${i}`);
  await wait(1_000);
  expect(published.at(-1)?.count).toBe(81);
  expect(published.at(-1)?.entered).toHaveLength(50);
});

test.each([
  [101, 1],
  [2_000, 1],
  [2_000, 500],
])(
  "in a room of %i users, %i entries cost one difference without names, and the classic protocol nothing",
  async (size, entries) => {
    const { occupancy, enter, published, classic, userOf, wait } = open();
    for (let i = 0; i < size; i += 1) occupancy.add(ROOM, userOf(`member${i}`));
    await wait(60_000);
    published.splice(0);
    for (let i = 0; i < entries; i += 1) {
      enter(`u${i}`);
      await wait(1);
    }
    await wait(5 * (size + entries));
    expect(published).toMatchObject([{ count: size + entries, entered: [], exited: [] }]);
    expect(classic).toEqual([]);
  },
);

test("the classic protocol has each entry and exit of a small room, of every connection", async () => {
  const { enter, leave, classic } = open();
  enter("a");
  enter("a");
  leave("a");
  leave("a");
  expect(classic).toEqual(["+a", "+a", "-a", "-a"]);
});

describe("other processes", () => {
  const report = (count: number, entered: readonly string[] = [], exited: readonly string[] = []) => {
    const toUser = (id: string) => ({ id, username: id.toUpperCase() });
    return { count, entered: entered.map(toUser), exited: exited.map(toUser) };
  };

  test("add to the count, until they are silent for more than a minute", async () => {
    const { occupancy, enter, published, reports, wait } = open({ isShared: true });
    enter("a");
    occupancy.noteDifference("general", "p1", report(5));
    occupancy.noteDifference("general", "p2", report(7));
    await wait(10);
    expect(published.at(-1)?.count).toBe(13);
    expect(reports).toEqual([{ count: 1, entered: ["a"], exited: [] }]);
    for (let i = 0; i < 4; i += 1) {
      await wait(30_000);
      occupancy.noteDifference("general", "p1", report(5));
    }
    await wait(1_000);
    expect(published.at(-1)?.count).toBe(6);
    expect(reports.length, "its own is repeated").toBeGreaterThan(3);
    occupancy.noteDifference("general", "p1", report(0));
    await wait(1_000);
    expect(occupancy.count("general")).toBe(1);
    occupancy.close();
  });

  test("cannot make up processes without end, nor rooms that nobody here has joined", async () => {
    const { occupancy, enter } = open({ isShared: true });
    enter("a");
    for (let i = 0; i < 1_000; i += 1) occupancy.noteDifference("general", `p${i}`, report(1));
    occupancy.noteDifference("other", "p1", report(5));
    expect(occupancy.count("general")).toBe(65);
    expect(occupancy.count("other")).toBe(0);
    occupancy.close();
  });

  test("name who enters and leaves there, unless the user is here too", async () => {
    const { occupancy, enter, leave, published, reports, wait } = open({ isShared: true });
    enter("reader");
    enter("a");
    await wait(1_000);
    published.splice(0);
    occupancy.noteDifference("general", "p1", report(1, ["z"]));
    await wait(1_000);
    occupancy.noteDifference("general", "p1", report(1, ["a"], ["z"]));
    await wait(1_000);
    leave("a");
    await wait(1_000);
    occupancy.noteDifference("general", "p1", report(0, [], ["a"]));
    await wait(1_000);
    const named = published.map(({ entered, exited }) => [namesOf(entered), namesOf(exited)]);
    expect(named.filter(([entered = [], exited = []]) => entered.length + exited.length > 0)).toEqual([
      [["z"], []],
      [[], ["z"]],
      [[], ["a"]],
    ]);
    expect(reports.at(-1), "this process reports its own users").toEqual({ count: 1, entered: [], exited: ["a"] });
    leave("reader");
    await wait(1_000);
    expect(reports.at(-1)).toEqual({ count: 0, entered: [], exited: ["reader"] });
    occupancy.close();
  });
});

test("publishes nothing where that is turned off", async () => {
  const { occupancy, enter, leave, published, classic, wait } = open({ isPublished: false });
  enter("a");
  leave("a");
  enter("b");
  await wait(5_000);
  expect([published, classic]).toEqual([[], []]);
  expect(occupancy.count("general")).toBeNull();
});
