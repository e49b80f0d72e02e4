import type { DatabaseSnapshot } from "../audit/client-record.ts";
import type { Finding, FindingCounts } from "../audit/findings.ts";
import type { Outage } from "./outages.ts";

/** One client of a pool. */
export interface ClientSpec {
  /** Unique among all clients of the run. */
  readonly index: number;
  readonly token: string;
  /** The ids of the rooms that it opens. */
  readonly rooms: readonly string[];
  /** The emoji that only this device of its user reacts with. */
  readonly emoji: string;
}

/** How the clients of a pool behave. */
export interface ClientBehavior {
  readonly url: string;
  readonly seed: number;
  /** Seconds between two actions of one client, on average. */
  readonly actIntervalSeconds: number;
  /** Percentage of actions that change an existing message. */
  readonly changePercent: number;
  /** Milliseconds over which the clients connect at the beginning. */
  readonly rampMs: number;
}

/** A command of the main thread to a pool thread. Replies may overtake one another: a short command may finish first. */
export type PoolCommand =
  | { readonly do: "start"; readonly behavior: ClientBehavior; readonly specs: readonly ClientSpec[] }
  | { readonly do: "startActing" }
  | { readonly do: "stopActing" }
  | { readonly do: "progress" }
  /** Counts the clients that have the rooms' logs up to these seqs, and nothing pending. */
  | { readonly do: "catchUpStatus"; readonly lastSeqs: Readonly<Record<string, number>> }
  /** Loads the gaps, records what every client shows, and disconnects. */
  | { readonly do: "close" }
  | { readonly do: "audit"; readonly snapshot: DatabaseSnapshot }
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

export interface CatchUpStatus {
  readonly caughtUp: number;
  /** Why some of the other clients are behind. */
  readonly behind: readonly string[];
}

export interface AuditResult {
  readonly counts: FindingCounts;
  readonly evidence: readonly Finding[];
  readonly changes: Readonly<Record<"acknowledged" | "refused" | "unknown", number>>;
  readonly refusals: Readonly<Record<string, number>>;
}

export interface PoolReplies {
  readonly start: null;
  readonly startActing: null;
  readonly stopActing: null;
  readonly progress: Progress;
  readonly catchUpStatus: CatchUpStatus;
  readonly close: null;
  readonly audit: AuditResult;
  readonly outages: readonly Outage[];
}

export interface PoolRequest {
  readonly id: number;
  readonly command: PoolCommand;
}

export type PoolResponse = { readonly id: number } & (
  | { readonly ok: PoolReplies[PoolCommand["do"]] }
  | { readonly error: string }
);
