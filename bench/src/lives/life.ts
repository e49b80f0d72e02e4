import type { StoreScenario } from "./scenario.ts";

/** What the process of a life is to do; given as JSON in its first argument. */
export interface LifeTask extends StoreScenario {
  readonly file: string;
  /** Makes client ids unique. */
  readonly index: number;
}

/** A message that the store has acknowledged. */
export interface Acknowledged {
  readonly clientId: string;
  readonly seq: number;
}

/** What the process of a life reports to the one that started it. */
export type LifeReport =
  /** The phase of the scenario has begun. */
  { readonly kind: "phase" } | { readonly kind: "acknowledged"; readonly acknowledged: Acknowledged };

/** On this channel the main thread orders the writer to throw an exception. */
export const PLANTED_EXCEPTIONS = "planted exceptions";
/** The exit code of the ending `exit`. */
export const EXIT_CODE = 7;
