import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** A command line in a process of its own. */
export class CliProcess {
  readonly #child: ChildProcess;
  readonly #looks = new Set<() => void>();
  #output = "";

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, ["--conditions=@multichat/source", MAIN, ...args], {
      env: { PATH: process.env.PATH ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output += chunk.toString();
        for (const look of [...this.#looks]) look();
      });
    }
    this.#child.on("exit", () => {
      for (const look of [...this.#looks]) look();
    });
  }

  get output(): string {
    return this.#output;
  }

  /** @throws with what it said, when it ends before it says this. */
  async says(what: RegExp): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        const said = what.test(this.#output);
        if (!said && !this.#over) return;
        this.#looks.delete(look);
        if (said) resolve();
        else reject(new Error(`expected it to say ${what}, and it ended:\n${this.#output}`));
      };
      this.#looks.add(look);
      look();
    });
  }

  /** @returns its exit code; null where the signal ended it. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
    if (!this.#over) {
      const gone = once(this.#child, "exit");
      this.#child.kill(signal);
      await gone;
    }
    return this.#child.exitCode;
  }

  get #over(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
