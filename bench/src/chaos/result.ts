import type { Finding, FindingCounts } from "../crowd/findings.ts";
import type { Spread } from "../report/quantile.ts";
import type { NetworkCounts } from "./bad-network.ts";
import type { ChaosPlan } from "./plan.ts";

/** What a run did and what the audit says. */
export interface ChaosResult {
  readonly plan: ChaosPlan;
  readonly sent: number;
  readonly acknowledged: number;
  /** Messages in the database. */
  readonly posted: number;
  /** Events in its logs. */
  readonly logged: number;
  readonly changes: Readonly<Record<"acknowledged" | "refused" | "unknown", number>>;
  /** Why changes were not acknowledged, by code. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly deliveries: number;
  readonly resets: number;
  readonly kills: number;
  readonly network: NetworkCounts;
  /** From an open connection to being level in every room. */
  readonly comingBackMs: Spread;
  /** Why clients are not level at the end; empty: all are. */
  readonly behind: readonly string[];
  readonly counts: FindingCounts;
  readonly evidence: readonly Finding[];
  /** The folder with the database and the evidence, where something was found. */
  readonly keptIn: string | null;
}

export function sound({ counts, behind }: ChaosResult): boolean {
  return behind.length === 0 && Object.values(counts).every((count) => count === 0);
}
