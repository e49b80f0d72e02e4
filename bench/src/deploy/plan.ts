import type { FindingCounts } from "../audit/findings.ts";
import type { Distribution } from "../report/quantile.ts";

/**
 * How the server ends: replaced by one that starts beside it (`multichat serve --replace`); by SIGTERM, where it drains its
 * connections, or killed, and a new one is started at once.
 */
export type Restart = "replace" | "SIGTERM" | "kill -9";
export const RESTARTS: readonly Restart[] = ["replace", "SIGTERM", "kill -9"];

export interface DeployPlan {
  readonly connections: number;
  readonly rooms: number;
  /** Messages a second, over all rooms and clients. */
  readonly rate: number;
  readonly connectionsPerUser: number;
  readonly seed: number;
  /** Seconds of traffic before each restart. */
  readonly steadySeconds: number;
  /** Seconds that the clients have to recover. */
  readonly timeoutSeconds: number;
}

export interface Measurement {
  readonly restart: Restart;
  readonly connections: number;
  /** Connections that had not reconnected, or not caught up, at the timeout. */
  readonly neverRecovered: number;
  /** The longest time in which no new client was answered. */
  readonly serverDownMs: number;
  /** From the loss of a client's connection until it had caught up. */
  readonly offlineMs: Distribution;
  /** From the opening of a client's new connection until it had caught up. */
  readonly catchUpMs: Distribution;
  /** From the signal until a client had caught up. */
  readonly sinceSignalMs: Distribution;
  readonly sinceSignalPercentiles: readonly number[];
}

export interface DeployResult {
  readonly plan: DeployPlan;
  readonly measurements: readonly Measurement[];
  readonly sent: number;
  readonly acknowledged: number;
  readonly deliveries: number;
  readonly counts: FindingCounts;
  readonly evidence: readonly string[];
}
