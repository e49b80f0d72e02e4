import fc from "fast-check";
import { expect, test } from "vitest";
import { computeNextStage } from "../../../src/features/conversation/timeline/rows/use-staged-rows.ts";

const rows = (...keys: string[]) => keys.map((key) => ({ key }));
const keysOf = (list: readonly { readonly key: string }[]) => list.map((row) => row.key).join(" ");

test("adds a page before the first row in a step of its own, keeping the position from the end", () => {
  const stage = computeNextStage(rows("c", "d"), rows("a", "b", "c", "d", "e"));
  expect([keysOf(stage.rows), stage.shift]).toEqual(["a b c d", true]);
});

test("appends rows without shifting", () => {
  const stage = computeNextStage(rows("a", "b"), rows("a", "b", "c"));
  expect([keysOf(stage.rows), stage.shift]).toEqual(["a b c", false]);
});

test("removes rows from the start in a step of its own", () => {
  const stage = computeNextStage(rows("a", "b", "c"), rows("c", "d"));
  expect([keysOf(stage.rows), stage.shift]).toEqual(["c", true]);
});

test("keeps the position when messages are inserted below the first day divider", () => {
  const stage = computeNextStage(rows("day", "c", "d"), rows("day", "a", "b", "c", "d"));
  expect([keysOf(stage.rows), stage.shift]).toEqual(["day a b c d", true]);
});

test("keeps the position of the message below a day divider that moved up", () => {
  const stage = computeNextStage(rows("day-2", "c"), rows("day-1", "a", "day-2", "b", "c"));
  expect(stage.shift).toBe(true);
  expect(keysOf(stage.rows.slice(-1))).toBe("c");
});

test("inserts rows above and below a moved day divider in one step", () => {
  const stage = computeNextStage(rows("day", "c", "d"), rows("beginning", "day", "a", "b", "c", "d"));
  expect([keysOf(stage.rows), stage.shift]).toEqual(["beginning day a b c d", true]);
});

test("keeps the position when a gap above the middle of the screen is filled, but not below it", () => {
  const before = rows("a", "b", "gap", "x", "y");
  const after = rows("a", "b", "c", "d", "x", "y");
  expect(computeNextStage(before, after, 3)).toEqual({ rows: after, shift: true });
  expect(computeNextStage(before, after, 0)).toEqual({ rows: after, shift: false });
});

test("changes only the start in a shifting step, and reaches the target in any other", () => {
  const list = fc.uniqueArray(fc.constantFrom(..."abcdefgh"), { maxLength: 8 }).map((keys) => rows(...keys));
  fc.assert(
    fc.property(list, list, (shown, target) => {
      const stage = computeNextStage(shown, target);
      if (stage.shift) {
        expect(stage.rows.at(-1)?.key).toBe(shown.at(-1)?.key);
        expect(stage.rows[0]?.key).toBe(target[0]?.key);
      } else expect(stage.rows).toBe(target);
    }),
  );
});
