import { fork } from "node:child_process";
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkDatabase } from "./database-check.ts";
import type { OldDatabase } from "./old-database.ts";
import { exitOf, type RunResult } from "./run-result.ts";
import type { Acknowledged, RunReport, RunTask } from "./run-task.ts";
import type { StoreScenario } from "./scenario.ts";

const PROCESS = fileURLToPath(new URL("./run-process.ts", import.meta.url));
const EXCEPTION_THREAD = new URL("./exception-thread.ts", import.meta.url).href;
const COMPILE_CACHE = fileURLToPath(new URL("../../../.cache/compile", import.meta.url));
/** What this process loads before its code, the processes of the runs load too. */
const OWN_IMPORTS = process.execArgv.filter((argument) => argument.startsWith("--import="));
const HANG_TIMEOUT_MS = 600_000;
const MAX_ERROR_OUTPUT = 4_000;
/** Runs on one database, before the next one starts with an empty one. */
const RUNS_PER_DATABASE = 30;
const SIGNALS = { "kill -9": "SIGKILL", SIGTERM: "SIGTERM" } as const;

/** Runs a process with a store again and again, each on the database that the one before it left. */
export class StoreRuns {
  readonly #folder: string;
  readonly #old: OldDatabase;
  #current: string | undefined;
  #runsLeft = 0;
  #acknowledged: Acknowledged[] = [];

  /** @param old the database that runs of the phase `migrating` start with. */
  constructor(folder: string, old: OldDatabase) {
    this.#folder = folder;
    this.#old = old;
  }

  async run(index: number, scenario: StoreScenario): Promise<RunResult> {
    if (scenario.phase === "migrating") return this.#migrate(index, scenario);
    if (this.#current === undefined || this.#runsLeft === 0) {
      await this.#removeCurrent();
      this.#current = await mkdtemp(join(this.#folder, "store-"));
      this.#runsLeft = RUNS_PER_DATABASE;
      this.#acknowledged = [];
    }
    this.#runsLeft -= 1;
    const file = join(this.#current, "chat.db");
    const ended = await runProcess({ ...scenario, index, file });
    this.#acknowledged.push(...ended.acknowledged);
    const damage = checkDatabase(file, this.#acknowledged);
    const findings = [...damage.findings, ...(await checkBackups(this.#current))];
    return { index, scenario, ...ended, ...damage, findings, acknowledged: ended.acknowledged.length };
  }

  async #migrate(index: number, scenario: StoreScenario): Promise<RunResult> {
    const folder = await mkdtemp(join(this.#folder, "old-"));
    const file = join(folder, "chat.db");
    await copyFile(this.#old.file, file);
    const ended = await runProcess({ ...scenario, index, file });
    const damage = checkDatabase(file, [...this.#old.messages, ...ended.acknowledged]);
    await rm(folder, { recursive: true });
    return { index, scenario, ...ended, ...damage, acknowledged: ended.acknowledged.length };
  }

  async #removeCurrent(): Promise<void> {
    if (this.#current !== undefined) await rm(this.#current, { recursive: true });
  }
}

/** Of a completed backup; one that was interrupted ends in `.part`, and SQLite may keep a journal beside it. */
const BACKUP_NAME = /\.backup-\d+-\d+$/;

/** Checks the backups that were completed, and removes all. */
async function checkBackups(folder: string): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const name of await readdir(folder)) {
    if (!name.includes(".backup-")) continue;
    const file = join(folder, name);
    if (BACKUP_NAME.test(name)) findings.push(...checkDatabase(file, []).findings.map((what) => `backup: ${what}`));
    await rm(file);
  }
  return findings;
}

type EndedProcess = Pick<RunResult, "exit" | "errorOutput"> & { readonly acknowledged: readonly Acknowledged[] };

async function runProcess(task: RunTask): Promise<EndedProcess> {
  const imports = task.ending === "thread exception" ? ["--import", EXCEPTION_THREAD] : [];
  const child = fork(PROCESS, [JSON.stringify(task)], {
    execArgv: ["--conditions=@multichat/source", ...OWN_IMPORTS, ...imports],
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILE_CACHE },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const acknowledged: Acknowledged[] = [];
  let errorOutput = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errorOutput = `${errorOutput}${chunk}`.slice(-MAX_ERROR_OUTPUT);
  });
  child.on("message", (report: RunReport) => {
    if (report.kind === "acknowledged") acknowledged.push(report.acknowledged);
    else if (task.ending in SIGNALS) {
      // The cast holds: it is one of the names.
      const signal = SIGNALS[task.ending as keyof typeof SIGNALS];
      setTimeout(() => child.kill(signal), task.delayMs);
    }
  });
  let isHanging = false;
  const hang = setTimeout(() => {
    isHanging = true;
    child.kill("SIGKILL");
  }, HANG_TIMEOUT_MS);
  // `close`, not `exit`: what the process has reported before its end is read first.
  const exit = await new Promise<string>((resolve) => {
    child.once("close", (code, signal) => resolve(exitOf(code, signal)));
  });
  clearTimeout(hang);
  return { exit: isHanging ? "hang" : exit, errorOutput, acknowledged };
}
