import type { Distribution } from "../report/quantile.ts";

/** The servers that are compared. */
export type Subject = "multichat" | "socket.io" | "socket.io recovery";

export const SUBJECTS: readonly Subject[] = ["multichat", "socket.io", "socket.io recovery"];

/** `jitter`: each connection drops once, at a random time. `wave`: all drop at the same time. */
export type Phase = "jitter" | "wave";

export interface JitterPlan {
  readonly connections: number;
  /** Messages a second, over all rooms. */
  readonly rate: number;
  readonly rooms: number;
  /** Seconds within which each connection drops once. */
  readonly windowSeconds: number;
  readonly offlineSeconds: number;
  /** Seconds that the connections have to catch up at the end. */
  readonly timeoutSeconds: number;
}

/** The result of one phase for one subject. */
export interface Measurement {
  readonly subject: Subject;
  readonly phase: Phase;
  /** Messages that were posted. */
  readonly posted: number;
  /** Deliveries of all messages, one to each connection of their room. */
  readonly expected: number;
  readonly delivered: number;
  readonly duplicated: number;
  /** Connections that did not reconnect, or missed messages. */
  readonly neverCaughtUp: number;
  /** From a new connection until it had every message that any other had by then, for those that caught up. */
  readonly catchUpMs: Distribution;
  /** The same from the moment that the network was back, including the time to connect. */
  readonly recoveryMs: Distribution;
  readonly serverCpuMs: number;
  readonly serverRssBytes: number;
  /** The catch-up time at each percentile, for the plot. */
  readonly catchUpPercentiles: readonly number[];
}

/** Marks a message's number in its room, which both protocol clients search for: eight digits follow. */
export const NUMBER_MARK = '"n:';
export const NUMBER_DIGITS = 8;

/** Returns the text of a message with its number, about as long as a typical one. */
export function textOf(n: number): string {
  const head = `n:${String(n).padStart(NUMBER_DIGITS, "0")}: `;
  return `${head}${"a message of the usual length, as people send them all day, really".padEnd(100, "!")}`;
}
