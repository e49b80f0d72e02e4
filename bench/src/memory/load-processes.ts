import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FromLoad, LoadJob } from "./plan.ts";

const PROCESS_FILE = fileURLToPath(new URL("./load-process.ts", import.meta.url));
const CONNECTIONS_PER_PROCESS = 10_000;

/** The processes of the connections, as their parent sees them. */
export class LoadProcesses {
  readonly #children: ChildProcess[] = [];
  #failure: string | undefined;

  constructor() {
    process.once("exit", () => this.stop());
  }

  /** Opens all connections, one process after another; resolves when they are in their rooms. @throws where one fails. */
  async connect(job: Omit<LoadJob, "first">): Promise<void> {
    for (let first = 0; first < job.tokens.length; first += CONNECTIONS_PER_PROCESS) {
      const tokens = job.tokens.slice(first, first + CONNECTIONS_PER_PROCESS);
      await this.#start({ ...job, tokens, first });
    }
  }

  /** @throws where a connection has ended since. */
  assertConnected(): void {
    if (this.#failure !== undefined) throw new Error(`A connection of the load failed: ${this.#failure}.`);
  }

  stop(): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }

  async #start(job: LoadJob): Promise<void> {
    const child = fork(PROCESS_FILE, [], { execArgv: ["--conditions=@multichat/source"], serialization: "advanced" });
    this.#children.push(child);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.on("message", (message: FromLoad) => {
      if (message.kind === "idle") resolve();
      else {
        this.#failure ??= message.message;
        reject(new Error(`A connection of the load failed: ${message.message}.`));
      }
    });
    child.once("exit", (code, signal) => reject(new Error(`A process of the load ended with ${code ?? signal}.`)));
    child.send(job);
    await promise;
  }
}
