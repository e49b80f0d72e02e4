import type { Damage } from "./database-check.ts";
import type { Scenario, ServerEnding, StoreEnding } from "./scenario.ts";

/** How a process ended: `code 0`, the name of a signal, or `hang`. */
export type Exit = string;

export interface RunResult extends Damage {
  readonly index: number;
  readonly scenario: Scenario;
  readonly exit: Exit;
  readonly acknowledged: number;
  /** The end of what the process wrote on stderr. */
  readonly errorOutput: string;
}

/** A process may have ended by itself (`code 0`) before the order to end, and may not have a signal's handler yet. */
const EXPECTED: Readonly<Record<StoreEnding | ServerEnding, readonly Exit[]>> = {
  "kill -9": ["SIGKILL", "code 0"],
  // 143: the launcher reports how its child ended.
  SIGTERM: ["code 0", "SIGTERM", "code 143"],
  // The second signal ends the server at once.
  "SIGTERM twice": ["code 0", "code 1", "SIGTERM", "code 143"],
  exit: ["code 7", "code 0"],
  terminate: ["code 0"],
  exception: ["code 1", "code 0"],
  "thread exception": ["code 0"],
};

export function isExpected({ scenario, exit, lost, findings, errorOutput }: RunResult): boolean {
  // Any other exception has the same code.
  if (scenario.ending === "exception" && exit === "code 1" && !errorOutput.includes("planted")) return false;
  // A server that stops has had its first signal already.
  const isSecond = scenario.phase === "stopping" && scenario.ending === "SIGTERM";
  const ending = isSecond ? "SIGTERM twice" : scenario.ending;
  return EXPECTED[ending].includes(exit) && lost === 0 && findings.length === 0;
}

export function exitOf(code: number | null, signal: string | null): Exit {
  return code === null ? (signal ?? "no code") : `code ${code}`;
}
