import type { FindingCounts } from "../crowd/findings.ts";
import type { Spread } from "../report/quantile.ts";

/** How the server goes: told to, so that it lets everybody go first; or killed. Either way a new one is started at once. */
export type Restart = "SIGTERM" | "kill -9";

export interface DeployPlan {
  readonly connections: number;
  readonly rooms: number;
  /** Messages a second, over all rooms and clients. */
  readonly rate: number;
  /** Connections of one person. */
  readonly devices: number;
  readonly seed: number;
  /** Seconds of talk before each restart. */
  readonly steadySeconds: number;
  /** Seconds that all have to come back. */
  readonly patienceSeconds: number;
}

export interface Measurement {
  readonly restart: Restart;
  readonly connections: number;
  /** Connections that were not there again, or lacked something, when patience ended. */
  readonly neverBack: number;
  /** From the signal until the new server listened. */
  readonly serverAwayMs: number;
  /** From a client's losing its connection to having everything that it missed. */
  readonly awayMs: Spread;
  /** From its new connection's being open to having everything that it missed. */
  readonly catchUpMs: Spread;
  /** From the signal to having everything. */
  readonly sinceSignalMs: Spread;
  readonly sinceSignalHundredths: readonly number[];
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
