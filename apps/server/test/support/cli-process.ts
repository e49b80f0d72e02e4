import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { SOURCE_ARGUMENTS } from "./source-arguments.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** The command line in a process of its own. */
export class CliProcess {
  readonly #child: ChildProcess;
  readonly #checks = new Set<() => void>();
  #output = "";

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [...SOURCE_ARGUMENTS, MAIN, ...args], {
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output += chunk.toString();
        for (const run of [...this.#checks]) run();
      });
    }
    this.#child.on("exit", () => {
      for (const run of [...this.#checks]) run();
    });
  }

  get output(): string {
    return this.#output;
  }

  /** Waits for output that matches. @throws Error with the output of a process that exits first. */
  async says(pattern: RegExp): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const run = (): void => {
        const isMatch = pattern.test(this.#output);
        if (!isMatch && !this.#hasExited) return;
        this.#checks.delete(run);
        if (isMatch) resolve();
        else reject(new Error(`expected output that matches ${pattern}, but the process exited:\n${this.#output}`));
      };
      this.#checks.add(run);
      run();
    });
  }

  /** Ends the process with a signal. @returns the exit code, or null where the signal ended it. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
    if (!this.#hasExited) {
      const exited = once(this.#child, "exit");
      this.#child.kill(signal);
      await exited;
    }
    return this.#child.exitCode;
  }

  /** Waits until the process exits. @returns the exit code. */
  async finished(): Promise<number | null> {
    if (!this.#hasExited) await once(this.#child, "exit");
    return this.#child.exitCode;
  }

  get #hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
