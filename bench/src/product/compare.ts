import type { Row } from "./report.ts";

/** A number of the chat that is compared between two runs. Less is better. */
export interface Comparison {
  /** What is compared, such as "CPU per delivery at 100 messages/s, in times that of ws". */
  readonly what: string;
  readonly committed: number;
  readonly measured: number;
}

/** How much more than before is slower: ratios of one run move with the machine's other load, instructions hardly. */
const RATIO_TOLERANCE = 1.25;
const INSTRUCTIONS_TOLERANCE = 1.05;

interface Measured {
  readonly what: string;
  readonly value: number;
}

/**
 * Compares the chat's numbers in two runs, each as a ratio to another subject of the same run, and instructions as they are.
 * Only what both runs have is compared.
 */
export function compareRows(committed: readonly Row[], measured: readonly Row[]): readonly Comparison[] {
  const before = new Map(numbersOf(committed).map((number) => [number.what, number]));
  return numbersOf(measured).flatMap(({ what, value }) => {
    const number = before.get(what);
    return number === undefined ? [] : [{ what, committed: number.value, measured: value }];
  });
}

/** Returns those comparisons in which the chat got slower by more than runs differ. */
export function slowerOf(comparisons: readonly Comparison[]): readonly Comparison[] {
  return comparisons.filter(({ what, committed, measured }) => measured > committed * toleranceOf(what));
}

function toleranceOf(what: string): number {
  return what.startsWith("instructions") ? INSTRUCTIONS_TOLERANCE : RATIO_TOLERANCE;
}

function numbersOf(rows: readonly Row[]): readonly Measured[] {
  return rows
    .filter(({ subject }) => subject === "multichat")
    .flatMap((own) => [
      ...rows.filter((row) => row.subject !== "multichat" && isSameLoad(row, own)).flatMap((row) => ratiosOf(own, row)),
      ...instructionsOf(own),
    ]);
}

function ratiosOf(own: Row, other: Row): readonly Measured[] {
  const load = describeLoad(own);
  const numbers = [
    {
      what: `CPU per delivery ${load}, in times that of ${other.subject}`,
      value: own.cpuMicrosPerDelivery.median / other.cpuMicrosPerDelivery.median,
    },
    {
      what: `time per delivery ${load}, in times that of ${other.subject}`,
      value: other.deliveriesPerSecond.median / own.deliveriesPerSecond.median,
    },
  ];
  return numbers.filter(({ value }) => Number.isFinite(value));
}

function instructionsOf(own: Row): readonly Measured[] {
  const { instructionsPerDelivery: value } = own;
  if (value === null) return [];
  return [{ what: `instructions per delivery ${describeLoad(own)}`, value }];
}

function isSameLoad(a: Row, b: Row): boolean {
  return a.rate === b.rate && a.members === b.members && a.rooms === b.rooms;
}

function describeLoad({ rate, members, rooms }: Row): string {
  const where = rooms === 1 ? `to ${members}` : `to ${members} in ${rooms} rooms`;
  return `at ${rate.toLocaleString("en")} messages/s ${where}`;
}
