import { type ChildProcess, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { endProcess, untilOutput } from "./service-process.ts";

/** A Redis of a run, which can be killed. It keeps nothing. */
export class RedisProcess {
  readonly #program: string;
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  /** @param folder which it creates */
  constructor(program: string, folder: string, port: number) {
    this.#program = program;
    this.#folder = folder;
    this.#port = port;
  }

  async start(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const args = ["--port", String(this.#port), "--bind", "127.0.0.1", "--dir", this.#folder, "--save", ""];
    this.#child = spawn(this.#program, args, { stdio: ["ignore", "pipe", "pipe"] });
    await untilOutput(this.#child, "Ready to accept connections");
  }

  async kill(): Promise<void> {
    await endProcess(this.#child, "SIGKILL");
  }
}
