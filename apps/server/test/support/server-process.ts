import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { SOURCE_ARGUMENTS } from "./source-arguments.ts";

const CHILD = fileURLToPath(new URL("./server-child.ts", import.meta.url));
const ADDRESS = /listens on (?<url>http:\S+)/;
const START_TIMEOUT_MS = 600_000;

type Environment = Readonly<Record<string, string>>;

/** A server in a process of its own, which can be killed. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #output: () => string;

  private constructor(child: ChildProcess, url: string, output: () => string) {
    this.#child = child;
    this.url = url;
    this.#output = output;
  }

  /** Starts a server and waits until it listens. @throws Error with the output of a process that does not. */
  static start(env: Environment): Promise<ServerProcess> {
    return ServerProcess.#waitUntilListening(spawnChild(env));
  }

  /** Starts a process that has loaded all modules and serves on request. */
  static prepare(env: Environment): { serve(): Promise<ServerProcess>; dismiss(): void } {
    const child = spawnChild({ ...env, WAIT_FOR_MESSAGE: "yes" });
    return {
      serve: () => {
        child.send("serve");
        return ServerProcess.#waitUntilListening(child);
      },
      dismiss: () => {
        child.kill("SIGKILL");
      },
    };
  }

  static async #waitUntilListening(child: ChildProcess): Promise<ServerProcess> {
    let output = "";
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (reason: string): void => reject(new Error(`expected the server to listen, ${reason}:\n${output}`));
      const timer = setTimeout(() => fail(`it did not within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        const address = ADDRESS.exec(output)?.groups?.url;
        if (address === undefined) return;
        clearTimeout(timer);
        resolve(address);
      };
      child.stdout?.on("data", read);
      child.stderr?.on("data", read);
      child.once("exit", (code) => {
        clearTimeout(timer);
        fail(`it exited with ${code}`);
      });
    });
    return new ServerProcess(child, url, () => output);
  }

  get socketUrl(): string {
    return this.url.replace(/^http/, "ws");
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get output(): string {
    return this.#output();
  }

  /** Ends the process with a signal. @returns the exit code, or null where the signal ended it. */
  async endWith(signal: "SIGKILL" | "SIGTERM" | "SIGINT"): Promise<number | null> {
    this.#child.kill(signal);
    return await this.waitForExit();
  }

  /** Waits until the process exits. @returns the exit code. */
  async waitForExit(): Promise<number | null> {
    if (this.isRunning) await once(this.#child, "exit");
    return this.#child.exitCode;
  }

  /** Sends a signal without waiting for its effect. */
  signal(signal: "SIGTERM" | "SIGINT"): void {
    this.#child.kill(signal);
  }
}

function spawnChild(env: Environment): ChildProcess {
  const { DESCRIPTORS: descriptors } = env;
  const node = [process.execPath, ...SOURCE_ARGUMENTS, CHILD];
  const [command = "", ...args] =
    descriptors === undefined ? node : ["sh", "-c", `ulimit -n ${descriptors} && exec "$@"`, "sh", ...node];
  return spawn(command, args, {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOST: "127.0.0.1",
      PORT: "0",
      LOG_LEVEL: "warn",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
}
