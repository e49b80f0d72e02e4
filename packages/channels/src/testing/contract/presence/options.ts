import type { Clock } from "../../../layer/clock.ts";
import type { Presence } from "../../../presence/presence.ts";
import type { PresenceOptions } from "../../../presence/presence-options.ts";

/** The options that the suite passes to a presence. */
export interface ContractPresenceOptions extends PresenceOptions {
  /** Presences with the same prefix share their members, like those of several processes. */
  readonly prefix: string;
  /** The clock of the state that presences with this prefix share. A presence's own `clock` can pause. */
  readonly sharedClock: Clock;
}

/** Creates the presence under test. The suite closes it. */
export type PresenceFactory = (options: ContractPresenceOptions) => Presence | Promise<Presence>;

/** The options of the contract suite. */
export interface PresenceContractOptions {
  /**
   * "stepped" passes clocks that the suite advances; "real" uses short times on the system's clock.
   * @default "real"
   */
  readonly time?: "stepped" | "real";
  /**
   * The factor for the times with "real" time, for slow or busy machines.
   * @default 1
   */
  readonly timeScale?: number;
  /**
   * Number of runs of the property-based test.
   * @default 50
   */
  readonly runs?: number;
  /**
   * Number of connections in the leak test.
   * @default 10_000
   */
  readonly leakCycles?: number;
}

/** The number of a rule. */
export type PresenceRule = `P${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}`;
