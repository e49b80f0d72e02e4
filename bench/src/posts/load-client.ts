import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FromLoad, ToLoad } from "./plan.ts";

const PROCESS_FILE = fileURLToPath(new URL("./load-process.ts", import.meta.url));
const ANSWER_TIMEOUT_MS = 120_000;

/** The process of the load, as its parent sees it. */
export class LoadClient {
  readonly #child: ChildProcess;
  readonly #answers: FromLoad[] = [];
  #wake: (() => void) | undefined;

  constructor() {
    this.#child = fork(PROCESS_FILE, [], {
      execArgv: ["--conditions=@multichat/source"],
      serialization: "advanced",
    });
    this.#child.on("message", (message: FromLoad) => {
      this.#answers.push(message);
      this.#wake?.();
    });
    this.#child.once("exit", (code, signal) => {
      this.#answers.push({ kind: "failed", message: `the load process ended with ${code ?? signal}` });
      this.#wake?.();
    });
    process.once("exit", () => this.stop());
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends a message and returns its answer. @throws where the load has failed. */
  async ask<Kind extends FromLoad["kind"]>(message: ToLoad, kind: Kind): Promise<Extract<FromLoad, { kind: Kind }>> {
    this.#child.send(message);
    const deadline = performance.now() + ANSWER_TIMEOUT_MS;
    for (;;) {
      const answer = this.#answers.shift();
      if (answer?.kind === "failed") throw new Error(`The load failed: ${answer.message}.`);
      // The process answers each message with its own kind.
      if (answer?.kind === kind) return answer as Extract<FromLoad, { kind: Kind }>;
      if (answer !== undefined) continue;
      if (performance.now() > deadline) throw new Error(`Expected the load process to answer with ${kind}.`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}
