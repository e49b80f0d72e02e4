import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { SOURCE_ARGUMENTS } from "../../support/source-arguments.ts";

export interface RestoreOptions {
  readonly backup: string;
  readonly file: string;
  /** What goes wrong. `no links`: the disk has no hard links. `killed with a log`: while the copy has a write-ahead log. */
  readonly fault?: "no links" | "killed with a log" | undefined;
}

/** A restore in a process of its own, which stops before each change of a name. */
export class RestoreProcess {
  readonly #child;
  readonly #exited: Promise<unknown>;
  #step: PromiseWithResolvers<string | undefined> = Promise.withResolvers();

  constructor({ backup, file, fault = undefined }: RestoreOptions) {
    const script = fileURLToPath(new URL("./child-restore.ts", import.meta.url));
    this.#child = fork(script, [backup, file, fault ?? ""], {
      execArgv: [...SOURCE_ARGUMENTS],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.#child.on("message", ({ step }: { step: string }) => this.#step.resolve(step));
    this.#exited = once(this.#child, "exit").then(() => this.#step.resolve(undefined));
    onTestFinished(() => this.kill());
  }

  /** Waits for the next change. Resolves with undefined where the process has ended. */
  async next(): Promise<string | undefined> {
    return this.#step.promise;
  }

  /** Allows the change that it waits for. */
  continue(): void {
    this.#step = Promise.withResolvers();
    this.#child.send("go");
  }

  /** Allows every change until one that matches, which it waits for then, or to its end. */
  async reach(pattern?: RegExp): Promise<string | undefined> {
    for (;;) {
      const step = await this.next();
      if (step === undefined || pattern?.test(step)) return step;
      this.continue();
    }
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** Resolves with the exit code when it has ended, or null where it was killed. */
  async ended(): Promise<number | null> {
    await this.#exited;
    return this.#child.exitCode;
  }
}
