import { expect, test } from "vitest";
import { findNearestGap } from "../../../src/features/conversation/timeline/rows/row-positions.ts";
import type { Row } from "../../../src/features/conversation/timeline/rows/rows.ts";

const day = (key: string): Row => ({ kind: "day", key, at: 0 });
const gap = (after: number, before: number): Row => {
  const key = `gap:${after}`;
  return { kind: "gap", key, gap: { kind: "gap", key, after, before } };
};
const rows: Row[] = [day("a"), gap(1, 50), day("b"), day("c"), day("d"), gap(60, 90), day("e")];

test("finds the edge of the gap that is nearer to the middle of the screen", () => {
  expect(findNearestGap(rows, 0, 3, 2)).toMatchObject({ gap: { after: 1 }, edge: "below" });
  expect(findNearestGap(rows, 3, 6, 4)).toMatchObject({ gap: { after: 60 }, edge: "above" });
});

test("finds the nearest of two gaps, and none out of range", () => {
  expect(findNearestGap(rows, 0, 6, 4)).toMatchObject({ gap: { after: 60 } });
  expect(findNearestGap(rows, 2, 4, 3)).toBeUndefined();
  expect(findNearestGap([], -1, 0, 0)).toBeUndefined();
});
