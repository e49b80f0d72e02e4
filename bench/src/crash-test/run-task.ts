import type { StoreScenario } from "./scenario.ts";

/** What a process is to do; given as JSON in its first argument. */
export interface RunTask extends StoreScenario {
  readonly file: string;
  /** Makes client ids unique. */
  readonly index: number;
}

/** A message that the store has acknowledged. */
export interface Acknowledged {
  readonly clientId: string;
  readonly seq: number;
}

/** What a process reports to the one that started it. */
export type RunReport =
  /** The phase of the scenario has begun. */
  { readonly kind: "phase" } | { readonly kind: "acknowledged"; readonly acknowledged: Acknowledged };

/** On this channel the main thread orders the writer to throw an exception. */
export const PLANTED_EXCEPTIONS = "planted exceptions";
/** The exit code of the ending `exit`. */
export const EXIT_CODE = 7;
