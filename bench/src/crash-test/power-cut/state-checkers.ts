import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { CheckTask } from "./check-process.ts";
import { type CheckedState, NO_FINDINGS } from "./check-state.ts";

const PROCESS = fileURLToPath(new URL("./check-process.ts", import.meta.url));
const COMPILE_CACHE = fileURLToPath(new URL("../../../../.cache/compile", import.meta.url));
/** What this process loads before its code, the others load too. */
const OWN_IMPORTS = process.execArgv.filter((argument) => argument.startsWith("--import="));
const HANG_TIMEOUT_MS = 120_000;
const MAX_ERROR_OUTPUT = 4_000;

/** Processes that check states, each one at a time. */
export class StateCheckers {
  readonly #all: readonly Checker[];
  readonly #free: Checker[];
  readonly #waiting: ((checker: Checker) => void)[] = [];

  constructor(count: number) {
    this.#all = Array.from({ length: count }, () => new Checker());
    this.#free = [...this.#all];
  }

  /** Waits until a process is free, then starts the check. @returns its result */
  async start(prepare: () => Promise<CheckTask>): Promise<{ readonly result: Promise<CheckedState> }> {
    const checker = this.#free.pop() ?? (await new Promise<Checker>((resolve) => this.#waiting.push(resolve)));
    const result = prepare()
      .then((task) => checker.check(task))
      .finally(() => {
        const next = this.#waiting.shift();
        if (next === undefined) this.#free.push(checker);
        else next(checker);
      });
    return { result };
  }

  close(): void {
    for (const checker of this.#all) checker.close();
  }
}

class Checker {
  #child: ChildProcess | undefined;
  #errorOutput = "";

  /** A process that dies of a state is a finding, and the next state gets another one. */
  async check(task: CheckTask): Promise<CheckedState> {
    const child = this.#child ?? this.#start();
    child.send(task);
    const hang = setTimeout(() => child.kill("SIGKILL"), HANG_TIMEOUT_MS);
    const done = new AbortController();
    try {
      const [checked, signal] = await Promise.race([
        once(child, "message", { signal: done.signal }),
        once(child, "exit", { signal: done.signal }),
      ]);
      if (child.exitCode === null && child.signalCode === null) return checked;
      this.#child = undefined;
      const detail = `the process of the check ended with ${checked ?? signal}: ${this.#errorOutput}`;
      return { findings: [{ kind: "not opened", detail }], counts: { ...NO_FINDINGS, "not opened": 1 }, expected: 0 };
    } finally {
      clearTimeout(hang);
      done.abort();
    }
  }

  close(): void {
    this.#child?.kill("SIGKILL");
  }

  #start(): ChildProcess {
    const child = fork(PROCESS, [], {
      execArgv: [...OWN_IMPORTS, "--conditions=@multichat/source"],
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILE_CACHE, NODE_OPTIONS: process.env.NODE_OPTIONS },
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#errorOutput = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#errorOutput = `${this.#errorOutput}${chunk}`.slice(-MAX_ERROR_OUTPUT);
    });
    this.#child = child;
    return child;
  }
}
