import type { Spread } from "../report/quantile.ts";

/** What is compared. */
export type Contestant = "multichat" | "socket.io" | "socket.io recovery";

export const contestants: readonly Contestant[] = ["multichat", "socket.io", "socket.io recovery"];

/** `jitter`: each connection drops once, at a time of its own. `wave`: all drop at the same time. */
export type Phase = "jitter" | "wave";

export interface JitterPlan {
  readonly connections: number;
  /** Messages a second, over all rooms. */
  readonly rate: number;
  readonly rooms: number;
  /** Seconds within which each connection drops once. */
  readonly withinSeconds: number;
  readonly awaySeconds: number;
  /** Seconds after the last has come back in which what is missing may still come. */
  readonly patienceSeconds: number;
}

/** What became of one phase for one contestant. */
export interface Measurement {
  readonly contestant: Contestant;
  readonly phase: Phase;
  /** Messages that were posted. */
  readonly posted: number;
  /** Of each message to each connection of its room. */
  readonly expected: number;
  readonly delivered: number;
  readonly doubled: number;
  /** Connections that did not come back, or lack something. */
  readonly neverLevel: number;
  /** From the open connection to having every message that anybody had by then. Of those that came level. */
  readonly catchUpMs: Spread;
  /** The same from the moment when the network was back, the connecting included. */
  readonly backMs: Spread;
  readonly serverCpuMs: number;
  readonly serverRssBytes: number;
  /** A hundredth of the catch-up times each, for the plot. */
  readonly catchUpHundredths: readonly number[];
}

/** A message's place in its room, where both dialects can find it: eight digits after a mark. */
export const mark = '"n:';
export const digits = 8;

/** The text of a message: 135 bytes with its place, as long as people's are. */
export function textOf(n: number): string {
  const head = `n:${String(n).padStart(digits, "0")}: `;
  return `${head}${"a message of the usual length, as people send them all day, really".padEnd(100, "!")}`;
}
