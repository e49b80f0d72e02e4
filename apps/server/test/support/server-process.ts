import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("./server-child.ts", import.meta.url));
const ADDRESS = /listens on (?<url>http:\S+)/;
const START_TIMEOUT_MS = 120_000;

type Environment = Readonly<Record<string, string>>;

/** The server in a process of its own, which can be killed. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #output: () => string;

  private constructor(child: ChildProcess, url: string, output: () => string) {
    this.#child = child;
    this.url = url;
    this.#output = output;
  }

  /** @throws with what the process said, when it does not come to listen. */
  static start(env: Environment): Promise<ServerProcess> {
    return ServerProcess.#listening(spawnChild(env));
  }

  /** A process that has loaded everything, and serves when it is told to. */
  static prepare(env: Environment): { serve(): Promise<ServerProcess>; dismiss(): void } {
    const child = spawnChild({ ...env, WAIT_FOR_WORD: "yes" });
    return {
      serve: () => {
        child.send("serve");
        return ServerProcess.#listening(child);
      },
      dismiss: () => {
        child.kill("SIGKILL");
      },
    };
  }

  static async #listening(child: ChildProcess): Promise<ServerProcess> {
    let output = "";
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (what: string): void => reject(new Error(`expected the server to listen, ${what}:\n${output}`));
      const timer = setTimeout(() => fail(`it did not within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        const found = ADDRESS.exec(output)?.groups?.url;
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      };
      child.stdout?.on("data", read);
      child.stderr?.on("data", read);
      child.once("exit", (code) => {
        clearTimeout(timer);
        fail(`it ended with ${code}`);
      });
    });
    return new ServerProcess(child, url, () => output);
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

function spawnChild(env: Environment): ChildProcess {
  return spawn(process.execPath, ["--conditions=@multichat/source", CHILD], {
    env: { PATH: process.env.PATH ?? "", HOST: "127.0.0.1", PORT: "0", LOG_LEVEL: "warn", ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
}
