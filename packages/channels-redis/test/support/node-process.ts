import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A Node process that runs a script beside this file, prints lines, and can be killed. */
export class NodeProcess {
  readonly #child: ChildProcess;
  readonly lines: string[] = [];

  constructor(script: string, settings: unknown, onLine?: (line: string) => void) {
    this.#child = spawn(
      process.execPath,
      ["--conditions=@multichat/source", fileURLToPath(new URL(script, import.meta.url)), JSON.stringify(settings)],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    const { stdout } = this.#child;
    if (stdout === null) throw new Error("expected a pipe");
    createInterface({ input: stdout }).on("line", (line) => {
      this.lines.push(line);
      onLine?.(line);
    });
  }

  /** Writes a line to its standard input. */
  writeLine(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Kills it by SIGKILL. Resolves when it has exited. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
