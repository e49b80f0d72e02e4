import type { Finding, FindingCounts } from "../audit/findings.ts";
import type { Distribution } from "../report/quantile.ts";
import type { NetworkCounts } from "./network/bad-network.ts";
import type { ChaosPlan } from "./plan.ts";

/** The counts of a run and the result of its audit. */
export interface ChaosResult {
  readonly plan: ChaosPlan;
  readonly sent: number;
  readonly acknowledged: number;
  /** Messages in the database. */
  readonly posted: number;
  /** Events in the database's logs. */
  readonly logged: number;
  readonly changes: Readonly<Record<"acknowledged" | "refused" | "unknown", number>>;
  /** Why changes were not acknowledged, by code. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly deliveries: number;
  readonly resets: number;
  /** Faults of the servers and their services, by title. */
  readonly faults: Readonly<Record<string, number>>;
  readonly network: NetworkCounts;
  /** From a new connection until the client had caught up in every room. */
  readonly catchUpMs: Distribution;
  /** Why clients are behind at the end; empty when all have caught up. */
  readonly behind: readonly string[];
  readonly counts: FindingCounts;
  readonly evidence: readonly Finding[];
  /** The folder with the database and the evidence; null when nothing was found. */
  readonly evidenceFolder: string | null;
}

export function isSound({ counts, behind }: ChaosResult): boolean {
  return behind.length === 0 && Object.values(counts).every((count) => count === 0);
}
