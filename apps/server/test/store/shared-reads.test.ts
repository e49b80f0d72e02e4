import { expect, test } from "vitest";
import { SharedReads } from "../../src/store/shared-reads.ts";

/** Reads that end when they are told to. */
function reads() {
  const underWay: { readonly question: string; end(answer: string): void; fail(error: Error): void }[] = [];
  const shared = new SharedReads(
    (question: string) =>
      new Promise<string>((end, fail) => {
        underWay.push({ question, end, fail });
      }),
    (question) => question,
    { underWay: 2, waiting: 3 },
  );
  return { shared, underWay };
}

test("who asks the same while the reader is busy shares one read", async () => {
  const { shared, underWay } = reads();
  const first = [shared.ask("a"), shared.ask("b")];
  const same = [shared.ask("c"), shared.ask("c"), shared.ask("c")];
  expect(underWay.map(({ question }) => question)).toEqual(["a", "b"]);
  underWay[0]?.end("1");
  expect(await first[0]).toBe("1");
  expect(underWay.map(({ question }) => question)).toEqual(["a", "b", "c"]);
  underWay[2]?.end("3");
  expect(await Promise.all(same)).toEqual(["3", "3", "3"]);
  underWay[1]?.end("2");
  expect(await first[1]).toBe("2");
});

test("nobody is given an answer that was read before the question", async () => {
  const { shared, underWay } = reads();
  void shared.ask("a");
  void shared.ask("a");
  const later = shared.ask("a");
  underWay[0]?.end("old");
  underWay[1]?.end("old");
  await Promise.resolve();
  await expect.poll(() => underWay.length).toBe(3);
  underWay[2]?.end("new");
  expect(await later).toBe("new");
});

test("a read that fails fails for all who share it, and the next go on", async () => {
  const { shared, underWay } = reads();
  const first = [shared.ask("a"), shared.ask("b")];
  const failing = [shared.ask("c"), shared.ask("c")];
  const next = shared.ask("d");
  underWay[0]?.end("1");
  await first[0];
  underWay[2]?.fail(new Error("gone"));
  for (const one of failing) await expect(one).rejects.toThrow("gone");
  await expect.poll(() => underWay.length).toBe(4);
  underWay[3]?.end("4");
  expect(await next).toBe("4");
  underWay[1]?.end("2");
  await first[1];
});

test("what is more than may wait goes to the reader, which has a bound of its own", async () => {
  const { shared, underWay } = reads();
  for (const question of ["a", "b", "c", "d", "e", "f"]) void shared.ask(question);
  expect(underWay.map(({ question }) => question)).toEqual(["a", "b", "f"]);
  void shared.ask("c");
  expect(underWay).toHaveLength(3);
});
