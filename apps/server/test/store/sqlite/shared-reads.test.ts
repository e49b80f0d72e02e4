import { expect, test } from "vitest";
import { SharedReads } from "../../../src/store/cache/shared-reads.ts";

interface ActiveRead {
  readonly query: string;
  resolve(result: string): void;
  reject(error: Error): void;
}

/** Shared reads that end when the test resolves or rejects them. */
function createSharedReads() {
  const active: ActiveRead[] = [];
  const shared = new SharedReads(
    (query: string) =>
      new Promise<string>((resolve, reject) => {
        active.push({ query, resolve, reject });
      }),
    (query) => query,
    { maxActive: 2, maxWaiting: 3 },
  );
  return { shared, active };
}

test("answers equal queries that wait with one read", async () => {
  const { shared, active } = createSharedReads();
  const first = [shared.ask("a"), shared.ask("b")];
  const equal = [shared.ask("c"), shared.ask("c"), shared.ask("c")];
  expect(active.map(({ query }) => query)).toEqual(["a", "b"]);
  active[0]?.resolve("1");
  expect(await first[0]).toBe("1");
  expect(active.map(({ query }) => query)).toEqual(["a", "b", "c"]);
  active[2]?.resolve("3");
  expect(await Promise.all(equal)).toEqual(["3", "3", "3"]);
  active[1]?.resolve("2");
  expect(await first[1]).toBe("2");
});

test("never returns a result that was read before the query", async () => {
  const { shared, active } = createSharedReads();
  void shared.ask("a");
  void shared.ask("a");
  const later = shared.ask("a");
  active[0]?.resolve("old");
  active[1]?.resolve("old");
  await Promise.resolve();
  await expect.poll(() => active.length).toBe(3);
  active[2]?.resolve("new");
  expect(await later).toBe("new");
});

test("a failed read rejects for all who share it, and the next reads continue", async () => {
  const { shared, active } = createSharedReads();
  const first = [shared.ask("a"), shared.ask("b")];
  const failing = [shared.ask("c"), shared.ask("c")];
  const next = shared.ask("d");
  active[0]?.resolve("1");
  await first[0];
  active[2]?.reject(new Error("gone"));
  for (const result of failing) await expect(result).rejects.toThrow("gone");
  await expect.poll(() => active.length).toBe(4);
  active[3]?.resolve("4");
  expect(await next).toBe("4");
  active[1]?.resolve("2");
  await first[1];
});

test("passes queries beyond the limit of waiting ones to the reader, which has a limit of its own", async () => {
  const { shared, active } = createSharedReads();
  for (const query of ["a", "b", "c", "d", "e", "f"]) void shared.ask(query);
  expect(active.map(({ query }) => query)).toEqual(["a", "b", "f"]);
  void shared.ask("c");
  expect(active).toHaveLength(3);
});
