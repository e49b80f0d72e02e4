import type { Truth } from "./audit.ts";
import type { Finding, FindingCounts } from "./findings.ts";
import type { Outage } from "./outages.ts";

/** One client of a crowd. */
export interface Casting {
  /** Unique among all clients of the run. */
  readonly index: number;
  readonly token: string;
  /** Ids of the rooms that it opens. */
  readonly rooms: readonly string[];
  /** The emoji that this device alone uses for its person. */
  readonly emoji: string;
}

/** What a crowd's clients do by themselves. */
export interface Script {
  readonly url: string;
  readonly seed: number;
  /** Seconds between two things that one client does, on average. */
  readonly meanSeconds: number;
  /** Of a hundred things that a client does, so many are changes of messages that are there. */
  readonly changes: number;
  /** Milliseconds over which the clients connect at the beginning. */
  readonly rampMs: number;
}

/** What the main thread tells a crowd's thread; each is answered once, a short one perhaps before a long one that came earlier. */
export type Order =
  | { readonly do: "start"; readonly script: Script; readonly cast: readonly Casting[] }
  | { readonly do: "act" }
  | { readonly do: "rest" }
  | { readonly do: "progress" }
  /** How many have the rooms' logs up to these seqs, and nothing under way. */
  | { readonly do: "level"; readonly lastSeqs: Readonly<Record<string, number>> }
  /** Loads what gaps stand for, then notes what every client shows, and disconnects. */
  | { readonly do: "close" }
  | { readonly do: "audit"; readonly truth: Truth }
  | { readonly do: "outages" };

export interface Progress {
  readonly connected: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly changed: number;
  readonly deliveries: number;
  readonly resets: number;
  readonly outages: number;
}

export interface Levelled {
  readonly level: number;
  /** Some of those that are not, and why. */
  readonly others: readonly string[];
}

export interface Audited {
  readonly counts: FindingCounts;
  readonly evidence: readonly Finding[];
  readonly changes: Readonly<Record<"acknowledged" | "refused" | "unknown", number>>;
  readonly refusals: Readonly<Record<string, number>>;
}

export interface Answers {
  readonly start: null;
  readonly act: null;
  readonly rest: null;
  readonly progress: Progress;
  readonly level: Levelled;
  readonly close: null;
  readonly audit: Audited;
  readonly outages: readonly Outage[];
}

export interface Told {
  readonly id: number;
  readonly order: Order;
}

export type Answer = { readonly id: number } & ({ readonly ok: Answers[Order["do"]] } | { readonly error: string });
