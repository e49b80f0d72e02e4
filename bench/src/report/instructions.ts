import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

const EVENT = "instructions:u";

/** Whether the machine counts instructions, and `perf` is there to read them. */
export const countsInstructions: boolean = /^\d/.test(
  spawnSync("perf", ["stat", "-x,", "-e", EVENT, "true"], { encoding: "utf8" }).stderr ?? "",
);

/** Counts the instructions that processes execute in user mode, until `stop`. */
export class InstructionCounter {
  readonly #child: ReturnType<typeof spawn> | undefined;
  #output = "";

  constructor(pids: readonly number[]) {
    if (!countsInstructions) return;
    this.#child = spawn("perf", ["stat", "-x,", "-e", EVENT, "-p", pids.join(",")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#output += String(chunk);
    });
  }

  /** Returns the number since the start; null where the machine does not count. */
  async stop(): Promise<number | null> {
    if (this.#child === undefined) return null;
    const exited = once(this.#child, "close");
    this.#child.kill("SIGINT");
    await exited;
    const count = Number(this.#output.split(",")[0]);
    return Number.isFinite(count) ? count : null;
  }
}
