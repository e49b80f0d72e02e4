import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { cpuMicrosOf, type Usage, usageOf } from "../report/usage.ts";
import { requireCurrentBuild, runsSources } from "./current-build.ts";

/** The command that an operator runs. */
const COMMAND = fileURLToPath(new URL("../../../apps/server/bin/multichat.mjs", import.meta.url));
const COMPILE_CACHE = fileURLToPath(new URL("../../../.cache/compile", import.meta.url));
/** What the server prints when it listens. */
export const LISTENING_LINE = /listens on (?<url>http:\S+)/;
// These bounds only end a hang, however busy the machine is.
const START_TIMEOUT_MS = 600_000;
const STOP_TIMEOUT_MS = 600_000;
/** A server that is replaced drains its clients as fast as the other one can take them, on a machine that the clients share. */
const REPLACE_TIMEOUT_MS = 600_000;
/** The characters of a server's output that are kept for error messages. */
const MAX_OUTPUT_LENGTH = 16_384;

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) killGroup(child);
});

export interface ServerSettings {
  readonly dataDir: string;
  readonly port: number;
  /** Further configuration variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The chat server in a process of its own, started as an operator starts it. */
export class Server {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #output: () => string;
  #isStopping = false;

  private constructor(child: ChildProcess, url: string, output: () => string) {
    this.#child = child;
    this.url = url;
    this.#output = output;
  }

  /** @throws with the output of the process, when it does not start to listen. */
  static async start(settings: ServerSettings, options: readonly string[] = []): Promise<Server> {
    const child = spawnCommand(["serve", ...options], settings);
    const output = keepOutput(child);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const fail = (what: string) => reject(new Error(`Expected the server to listen, ${what}:\n${output()}`));
    const timer = setTimeout(() => fail(`it did not within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    child.stdout?.on("data", () => {
      const url = LISTENING_LINE.exec(output())?.groups?.url;
      if (url !== undefined) resolve(url);
    });
    child.once("exit", (code) => fail(`it ended with ${code}`));
    try {
      return new Server(child, await promise, output);
    } catch (error) {
      // A process that is still running would keep this one from ending.
      killGroup(child);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Rejects when the process exits without `kill` or `stop`. */
  untilUnexpectedExit(): Promise<never> {
    return new Promise((_, reject) => {
      this.#child.once("exit", (code, signal) => {
        if (!this.#isStopping) reject(new Error(`The server ended by itself (${code ?? signal}):\n${this.#output()}`));
      });
    });
  }

  /** Kills it as `kill -9` does, without a chance to clean up. */
  async kill(): Promise<void> {
    this.#isStopping = true;
    killGroup(this.#child);
    await this.#exited();
  }

  /** Lets none of its processes run until `thaw`. Its connections stay open. */
  freeze(): void {
    signalGroup(this.#child, "SIGSTOP");
  }

  thaw(): void {
    signalGroup(this.#child, "SIGCONT");
  }

  /** Stops it by SIGTERM. @throws when it has not exited after ten minutes. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#child.kill("SIGTERM");
    await this.#exitedInTime("of SIGTERM", STOP_TIMEOUT_MS);
  }

  /** Waits until it has ended, because another one has replaced it. @throws when it fails, or has not exited after ten minutes. */
  async untilReplaced(): Promise<void> {
    this.#isStopping = true;
    await this.#exitedInTime("after it was replaced", REPLACE_TIMEOUT_MS);
    const { exitCode } = this.#child;
    if (exitCode !== 0) throw new Error(`Expected the server to end with 0, got ${exitCode}:\n${this.#output()}`);
  }

  async #exitedInTime(when: string, timeoutMs: number): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    const late = () =>
      reject(new Error(`Expected the server to end within ${timeoutMs} ms ${when}:\n${this.#output()}`));
    const timer = setTimeout(late, timeoutMs);
    try {
      await Promise.race([this.#exited(), promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async usage(): Promise<Usage> {
    return usageOf(await this.servingPid());
  }

  /** Returns the processor time of all its threads so far. */
  async cpuMicros(): Promise<number> {
    return cpuMicrosOf(await this.servingPid());
  }

  /** Returns the process that serves: the command may have started another Node in a child process. */
  async servingPid(): Promise<number> {
    const { pid = 0 } = this.#child;
    const [first] = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ");
    return first ? Number(first) : pid;
  }

  async #exited(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
  }
}

/** Runs a command of the server to its end. @throws with its output, when it fails. */
export async function runCommand(args: readonly string[], settings: ServerSettings): Promise<void> {
  const child = spawnCommand(args, settings);
  const output = keepOutput(child);
  await once(child, "exit");
  if (child.exitCode !== 0) throw new Error(`multichat ${args.join(" ")} ended with ${child.exitCode}:\n${output()}`);
}

/** Returns a free port, for a server that has to restart on the same one. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("Expected a port.");
  return address.port;
}

/**
 * Starts a command of the server as `npm start` does, in a process group of its own: the build, or the sources where this
 * process was started with `MULTICHAT_SOURCE=1`.
 *
 * @throws where the build is not of the current sources
 */
export function spawnCommand(args: readonly string[], { dataDir, port, env }: ServerSettings): ChildProcess {
  requireCurrentBuild();
  const child = spawn(process.execPath, [COMMAND, ...args], {
    // In a process group of its own: `kill -9` must reach its children, and this process must handle Ctrl+C.
    detached: true,
    env: {
      PATH: process.env.PATH ?? "",
      HOST: "127.0.0.1",
      PORT: String(port),
      DATA_DIR: dataDir,
      LOG_LEVEL: "warn",
      ...(runsSources() ? { MULTICHAT_SOURCE: "1" } : {}),
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...(process.env.NODE_OPTIONS === undefined ? {} : { NODE_OPTIONS: process.env.NODE_OPTIONS }),
      // As npm start does.
      MALLOC_ARENA_MAX: "2",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** Returns a function that returns the end of what the process has printed so far. */
export function keepOutput(child: ChildProcess): () => string {
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = `${output}${chunk}`.slice(-MAX_OUTPUT_LENGTH);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return () => output;
}

/** Kills a process and its children as `kill -9` does. */
export function killGroup(child: ChildProcess): void {
  signalGroup(child, "SIGKILL");
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has already exited.
  }
}
