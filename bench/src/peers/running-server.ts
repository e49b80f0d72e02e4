import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { onCore, SERVER_CORE } from "../report/cores.ts";

/** A server under load. */
export interface RunningServer {
  readonly port: number;
  /** The processes whose CPU and memory count as the server's. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export interface ServerProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Where the process writes its port: on a pipe to its parent, as a line of its output, or nowhere. @default "nowhere" */
  readonly port?: "message" | "line" | "nowhere";
  readonly cwd?: string;
}

/** A server's process, bound to the server's core where the machine has two. */
export class ServerProcess {
  readonly #child: ChildProcess;
  #output = "";

  constructor(command: readonly string[], { env = {}, port = "nowhere", cwd }: ServerProcessOptions = {}) {
    const [file = "", ...args] = onCore(SERVER_CORE, command);
    const child = spawn(file, args, {
      stdio: port === "message" ? ["ignore", "pipe", "pipe", "ipc"] : ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#child = child;
    running.add(child);
    child.once("exit", () => running.delete(child));
    const keep = (chunk: Buffer): void => {
      this.#output = `${this.#output}${chunk}`.slice(-4_096);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The end of what the process has printed. */
  get output(): string {
    return this.#output;
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Returns the port that the process sends to its parent. */
  async portFromMessage(): Promise<number> {
    const [message] = (await Promise.race([once(this.#child, "message"), this.#failed()])) as [
      { readonly port: number },
    ];
    return message.port;
  }

  /** Returns the port that the process prints as its first line. */
  async portFromOutput(): Promise<number> {
    while (!/^\d+\n/.test(this.#output)) {
      if (this.#child.stdout === null) throw new Error("Expected a pipe.");
      await Promise.race([once(this.#child.stdout, "data"), this.#failed()]);
    }
    return Number.parseInt(this.#output, 10);
  }

  /** Resolves when the process answers HTTP requests. @throws where it ends first. */
  async untilAnswering(port: number): Promise<void> {
    // A request fails as long as the server does not listen.
    while ((await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)) === undefined) {
      if (this.hasExited) throw new Error(`Expected a server, its process has ended:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    if (this.hasExited) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  async #failed(): Promise<never> {
    await once(this.#child, "exit");
    throw new Error(`Expected a server, its process has ended:\n${this.#output}`);
  }
}
