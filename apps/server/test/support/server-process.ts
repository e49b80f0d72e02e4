import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("./server-child.ts", import.meta.url));
const ADDRESS = /listens on (?<url>http:\S+)/;
const START_TIMEOUT_MS = 20_000;

/** The server in a process of its own, which can be killed. */
export class ServerProcess {
  readonly url: string;
  /** Milliseconds from the start of the process until it listened. */
  readonly startedInMs: number;
  readonly #child: ChildProcess;
  readonly #output: () => string;

  private constructor(child: ChildProcess, url: string, startedInMs: number, output: () => string) {
    this.#child = child;
    this.url = url;
    this.startedInMs = startedInMs;
    this.#output = output;
  }

  /** @throws with what the process said, when it does not come to listen. */
  static async start(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
    const begun = performance.now();
    const child = spawn(process.execPath, ["--conditions=@multichat/source", CHILD], {
      env: { PATH: process.env.PATH ?? "", HOST: "127.0.0.1", PORT: "0", LOG_LEVEL: "warn", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`expected the server to listen, got:\n${output}`)),
        START_TIMEOUT_MS,
      );
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        const found = ADDRESS.exec(output)?.groups?.url;
        if (found !== undefined) {
          clearTimeout(timer);
          resolve(found);
        }
      };
      child.stdout?.on("data", read);
      child.stderr?.on("data", read);
      child.once("exit", (code) => {
        clearTimeout(timer);
        reject(new Error(`expected the server to listen, it ended with ${code}:\n${output}`));
      });
    });
    return new ServerProcess(child, url, performance.now() - begun, () => output);
  }

  get socketUrl(): string {
    return this.url.replace(/^http/, "ws");
  }

  get output(): string {
    return this.#output();
  }

  /** Ends it by a signal; resolves with its exit code, null where the signal ended it. */
  async end(signal: "SIGKILL" | "SIGTERM" | "SIGINT"): Promise<number | null> {
    this.#child.kill(signal);
    return await this.ended();
  }

  /** Waits until it has ended by itself; resolves with its exit code. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
    return this.#child.exitCode;
  }

  /** A signal without waiting for what it does. */
  signal(signal: "SIGTERM" | "SIGINT"): void {
    this.#child.kill(signal);
  }
}
