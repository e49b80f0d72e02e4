import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { compileProgram } from "../peers/native.ts";
import { CLIENT_CORE, onCore } from "../report/cores.ts";
import { type LoadSettings, loadConfig } from "./load-config.ts";
import type { LoadResult } from "./plan.ts";

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export interface LoadProgram {
  readonly name: "C" | "Node";
  readonly command: readonly string[];
}

/** The program of the load client: in C, or in Node where the machine has no C compiler. */
export function findLoadProgram(): LoadProgram {
  const program = compileProgram("client");
  return program === undefined ? NODE_PROGRAM : { name: "C", command: [program] };
}

export const NODE_PROGRAM: LoadProgram = {
  name: "Node",
  command: [
    process.execPath,
    "--conditions=@multichat/source",
    fileURLToPath(new URL("./load-process.ts", import.meta.url)),
  ],
};

/** The load client in a process of its own, on its own core where the machine has two. */
export class LoadClient {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #errors: string[] = [];

  constructor(program: LoadProgram, settings: LoadSettings) {
    const [command = "", ...args] = onCore(CLIENT_CORE, program.command);
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    const { stdin, stdout, stderr } = this.#child;
    if (stdin === null || stdout === null || stderr === null) throw new Error("Expected pipes.");
    running.add(this.#child);
    this.#child.once("exit", () => running.delete(this.#child));
    stderr.on("data", (chunk: Buffer) => this.#errors.push(String(chunk)));
    // A client that has failed does not read on; its exit says why.
    stdin.on("error", () => {});
    stdin.end(loadConfig(settings));
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  /** Resolves when all members are in their rooms, or when the measured time begins. @throws where the client has failed. */
  async reach(phase: "ready" | "begin"): Promise<void> {
    const line = await this.#nextLine();
    if (line !== phase) throw new Error(`Expected the load client to say "${phase}", got "${line}".`);
  }

  /** Returns what was measured, at the end of the measured time. */
  async result(): Promise<LoadResult> {
    const line = await this.#nextLine();
    if (!line.startsWith("end ")) throw new Error(`Expected the load client to say "end", got "${line}".`);
    // Both clients are programs of this folder.
    return JSON.parse(line.slice("end ".length)) as LoadResult;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  async #nextLine(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error(`The load client failed: ${this.#errors.join("").trim()}`);
    return value;
  }
}
