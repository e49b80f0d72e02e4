import type { Random } from "../clients/random.ts";

/** What a process does when it is ended. */
export const STORE_PHASES = ["opening", "migrating", "serving", "backing up", "closing"] as const;
export type StorePhase = (typeof STORE_PHASES)[number];

/** How a process with a store ends. */
export const STORE_ENDINGS = [
  "kill -9",
  "SIGTERM",
  /** `process.exit()` while the database threads work. */
  "exit",
  /** `worker.terminate()` of a thread that has opened the store. */
  "terminate",
  /** An uncaught exception of the main thread. */
  "exception",
  /** An uncaught exception of the thread that writes. */
  "thread exception",
] as const;
export type StoreEnding = (typeof STORE_ENDINGS)[number];

export const SERVER_PHASES = ["starting", "serving", "stopping"] as const;
export type ServerPhase = (typeof SERVER_PHASES)[number];

export const SERVER_ENDINGS = ["kill -9", "SIGTERM", "SIGTERM twice"] as const;
export type ServerEnding = (typeof SERVER_ENDINGS)[number];

export interface StoreScenario {
  readonly kind: "store";
  readonly phase: StorePhase;
  readonly ending: StoreEnding;
  /** From the beginning of the phase until the end. */
  readonly delayMs: number;
}

export interface ServerScenario {
  readonly kind: "server";
  readonly phase: ServerPhase;
  readonly ending: ServerEnding;
  readonly delayMs: number;
}

export type Scenario = StoreScenario | ServerScenario;

/** How long a phase takes on an idle machine, or how much of it is enough. */
const PHASE_MS: Readonly<Record<StorePhase | ServerPhase, number>> = {
  opening: 250,
  migrating: 400,
  serving: 150,
  "backing up": 80,
  closing: 30,
  starting: 1_500,
  stopping: 150,
};

/** Returns the n-th run of a crash test: all phases with all endings, in turn, each after a random time. */
export function scenarioOf(index: number, { serverRuns }: { serverRuns: number }, random: Random): Scenario {
  const isServer = index < serverRuns;
  const phases = isServer ? SERVER_PHASES : STORE_PHASES;
  const endings = isServer ? SERVER_ENDINGS : STORE_ENDINGS;
  const turn = isServer ? index : index - serverRuns;
  const phase = phases[turn % phases.length] ?? "serving";
  const ending = endings[Math.floor(turn / phases.length) % endings.length] ?? "kill -9";
  const delayMs = random.fork(index).between(0, PHASE_MS[phase]);
  // The cast holds: phase and ending are of the same kind.
  return { kind: isServer ? "server" : "store", phase, ending, delayMs } as Scenario;
}
