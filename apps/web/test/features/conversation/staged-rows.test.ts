import fc from "fast-check";
import { expect, test } from "vitest";
import { computeNextStage } from "../../../src/features/conversation/timeline/use-staged-rows.ts";

const rows = (...keys: string[]) => keys.map((key) => ({ key }));
const keysOf = (list: readonly { readonly key: string }[]) => list.map((row) => row.key).join(" ");

test("a page before the first row is added by itself, held from the end", () => {
  const stage = computeNextStage(rows("c", "d"), rows("a", "b", "c", "d", "e"));
  expect([keysOf(stage.rows), stage.shift]).toEqual(["a b c d", true]);
});

test("what comes at the end needs no holding", () => {
  const stage = computeNextStage(rows("a", "b"), rows("a", "b", "c"));
  expect([keysOf(stage.rows), stage.shift]).toEqual(["a b c", false]);
});

test("rows that went from the head are taken away by themselves", () => {
  const stage = computeNextStage(rows("a", "b", "c"), rows("c", "d"));
  expect([keysOf(stage.rows), stage.shift]).toEqual(["c", true]);
});

test("messages below a day line that stays the first are held too", () => {
  const stage = computeNextStage(rows("day", "c", "d"), rows("day", "a", "b", "c", "d"));
  expect([keysOf(stage.rows), stage.shift]).toEqual(["day a b c d", true]);
});

test("a day line that moved up with a new page is held by the message below it", () => {
  const stage = computeNextStage(rows("day-2", "c"), rows("day-1", "a", "day-2", "b", "c"));
  expect(stage.shift).toBe(true);
  expect(keysOf(stage.rows.slice(-1))).toBe("c");
});

test("all that comes above and below a day line that moves up is held in one step", () => {
  const stage = computeNextStage(rows("day", "c", "d"), rows("beginning", "day", "a", "b", "c", "d"));
  expect([keysOf(stage.rows), stage.shift]).toEqual(["beginning day a b c d", true]);
});

test("a gap that is filled above what is looked at is held from the end, one below it is not", () => {
  const before = rows("a", "b", "gap", "x", "y");
  const after = rows("a", "b", "c", "d", "x", "y");
  expect(computeNextStage(before, after, 3)).toEqual({ rows: after, shift: true });
  expect(computeNextStage(before, after, 0)).toEqual({ rows: after, shift: false });
});

test("a step that is held from the end changes nothing at the end; any other goes all the way", () => {
  const list = fc.uniqueArray(fc.constantFrom(..."abcdefgh"), { maxLength: 8 }).map((keys) => rows(...keys));
  fc.assert(
    fc.property(list, list, (shown, wanted) => {
      const stage = computeNextStage(shown, wanted);
      if (stage.shift) {
        expect(stage.rows.at(-1)?.key).toBe(shown.at(-1)?.key);
        expect(stage.rows[0]?.key).toBe(wanted[0]?.key);
      } else expect(stage.rows).toBe(wanted);
    }),
  );
});
