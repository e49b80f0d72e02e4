import { fork } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Random } from "../../clients/random.ts";
import { exitOf } from "../run-result.ts";
import type { DamageCase } from "./damage-plan.ts";
import type { DamageReport, DamageTask } from "./damage-process.ts";
import { createIntactDatabase } from "./intact-database.ts";
import type { ThreadKind } from "./open-database.ts";
import { type Outcomes, THREAD_ENDED } from "./use-database.ts";

const PROCESS = fileURLToPath(new URL("./damage-process.ts", import.meta.url));
const COMPILE_CACHE = fileURLToPath(new URL("../../../../.cache/compile", import.meta.url));
/** Cases of one process, unless it dies. */
const CASES_PER_PROCESS = 50;
/** How long a case may take; on a busy machine they take up to a second. */
const HANG_TIMEOUT_MS = 600_000;
const MAX_ERROR_OUTPUT = 4_000;

export interface DamageTestPlan {
  readonly cases: number;
  readonly seed: number;
  /** Processes at a time. */
  readonly parallel: number;
  /** One case in so many opens the database threads; the others run the same code in one thread. */
  readonly threadsEvery: number;
  /** The first case: with `cases: 1` it repeats one of another run. @default 0 */
  readonly first?: number;
}

export const DAMAGE_TEST_DEFAULTS: Omit<DamageTestPlan, "seed"> = { cases: 2_000, parallel: 2, threadsEvery: 10 };

/** A case in which the process or one of its threads ended, or that hung. */
export interface DamageFailure {
  readonly damaged: DamageCase | undefined;
  readonly threads: ThreadKind | undefined;
  readonly exit: string;
  readonly errorOutput: string;
}

export interface DamageTestResult {
  readonly plan: DamageTestPlan;
  readonly done: number;
  /** By kind of damage: how many cases, and in how many of them any operation failed. */
  readonly kinds: Readonly<Record<string, { readonly cases: number; readonly noticed: number }>>;
  /** How often operations ended how: `ok`, `corrupt`, `not opened: corrupt`. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly failures: readonly DamageFailure[];
}

/** Opens damaged databases with everything that a server does with one, and reports every process that died of it. */
export async function runDamageTest(
  plan: DamageTestPlan,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (done: number, failed: number) => void },
): Promise<DamageTestResult> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-damage-test-"));
  const kinds: Record<string, { cases: number; noticed: number }> = {};
  const outcomes: Record<string, number> = {};
  const failures: DamageFailure[] = [];
  let done = 0;
  let next = plan.first ?? 0;
  const end = next + plan.cases;
  try {
    const intact = await createIntactDatabase(join(folder, "intact.db"), new Random(plan.seed));
    const record = (damaged: DamageCase, ended: Outcomes, threads: ThreadKind): void => {
      const endedThread = Object.keys(ended).find((outcome) => outcome.startsWith(THREAD_ENDED));
      if (endedThread !== undefined) failures.push({ damaged, threads, exit: THREAD_ENDED, errorOutput: endedThread });
      const kind = kinds[damaged.kind] ?? { cases: 0, noticed: 0 };
      kinds[damaged.kind] = kind;
      kind.cases += 1;
      if (Object.keys(ended).some((outcome) => outcome !== "ok")) kind.noticed += 1;
      for (const [outcome, count] of Object.entries(ended)) outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
      done += 1;
      onProgress(done, failures.length);
    };
    const runLane = async (lane: number): Promise<void> => {
      const own = join(folder, `lane-${lane}`);
      while (next < end && !signal.aborted) {
        const indexes = Array.from({ length: Math.min(CASES_PER_PROCESS, end - next) }, (_, index) => next + index);
        next += indexes.length;
        // A process that died leaves the rest of its cases to another one.
        for (let left: readonly number[] = indexes; left.length > 0 && !signal.aborted; ) {
          await rm(own, { recursive: true, force: true });
          await mkdir(own);
          const ended = await runProcess({ intact, folder: own, indexes: left, ...plan }, { record, signal });
          // An interruption ends the process, too.
          if (ended.failure !== undefined && !signal.aborted) {
            failures.push(ended.failure);
            done += 1;
          }
          left = ended.left;
        }
      }
    };
    await Promise.all(Array.from({ length: plan.parallel }, (_, lane) => runLane(lane)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { plan, done, kinds, outcomes, failures };
}

interface EndedProcess {
  readonly failure: DamageFailure | undefined;
  /** The cases that it did not begin. */
  readonly left: readonly number[];
}

interface RunOptions {
  readonly record: (damaged: DamageCase, outcomes: Outcomes, threads: ThreadKind) => void;
  readonly signal: AbortSignal;
}

async function runProcess(task: DamageTask, { record, signal }: RunOptions): Promise<EndedProcess> {
  const child = fork(PROCESS, [JSON.stringify(task)], {
    execArgv: ["--conditions=@multichat/source"],
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILE_CACHE },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let errorOutput = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errorOutput = `${errorOutput}${chunk}`.slice(-MAX_ERROR_OUTPUT);
  });
  let current: Extract<DamageReport, { kind: "begun" }> | undefined;
  const left = new Set(task.indexes);
  let isHanging = false;
  const kill = (): void => {
    isHanging = true;
    child.kill("SIGKILL");
  };
  let hang = setTimeout(kill, HANG_TIMEOUT_MS);
  const interrupt = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", interrupt, { once: true });
  child.on("message", (report: DamageReport) => {
    clearTimeout(hang);
    hang = setTimeout(kill, HANG_TIMEOUT_MS);
    if (report.kind === "begun") {
      current = report;
      left.delete(report.damaged.index);
    } else if (current !== undefined) {
      record(current.damaged, report.outcomes, current.threads);
      current = undefined;
    }
  });
  // `close`, not `exit`: what the process has reported before its end is read first.
  const exit = await new Promise<string>((resolve) => {
    child.once("close", (code, signal) => resolve(exitOf(code, signal)));
  });
  clearTimeout(hang);
  signal.removeEventListener("abort", interrupt);
  if (exit === "code 0" && current === undefined && left.size === 0) return { failure: undefined, left: [] };
  const failure = {
    damaged: current?.damaged,
    threads: current?.threads,
    exit: isHanging ? "hang" : exit,
    errorOutput,
  };
  // Without a case that began, another process would end in the same way.
  return { failure, left: current === undefined ? [] : [...left] };
}
