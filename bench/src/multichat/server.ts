import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { type Usage, usageOf } from "../report/usage.ts";

/** The command that a user runs. */
const COMMAND = fileURLToPath(new URL("../../../apps/server/bin/multichat.mjs", import.meta.url));
const COMPILED = fileURLToPath(new URL("../../../.cache/compile", import.meta.url));
const LISTENS = /listens on (?<url>http:\S+)/;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;
/** Characters of what a server says that are kept for the case that it fails. */
const KEPT_OUTPUT = 16_384;

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) killGroup(child);
});

export interface ServerSettings {
  readonly dataDir: string;
  readonly port: number;
  /** More of the server's variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The chat server in a process of its own, started as a user starts it. */
export class Server {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #output: () => string;
  #ending = false;

  private constructor(child: ChildProcess, url: string, output: () => string) {
    this.#child = child;
    this.url = url;
    this.#output = output;
  }

  /** @throws with what the process said, when it does not come to listen. */
  static async start(settings: ServerSettings): Promise<Server> {
    const child = run(["serve"], settings);
    const output = keepOutput(child);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const fail = (what: string) => reject(new Error(`Expected the server to listen, ${what}:\n${output()}`));
    const timer = setTimeout(() => fail(`it did not within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    child.stdout?.on("data", () => {
      const url = LISTENS.exec(output())?.groups?.url;
      if (url !== undefined) resolve(url);
    });
    child.once("exit", (code) => fail(`it ended with ${code}`));
    try {
      return new Server(child, await promise, output);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Rejects when the process ends without having been told to. */
  watch(): Promise<never> {
    return new Promise((_, reject) => {
      this.#child.once("exit", (code, signal) => {
        if (!this.#ending) reject(new Error(`The server ended by itself (${code ?? signal}):\n${this.#output()}`));
      });
    });
  }

  /** `kill -9`: it can do nothing more, not even say so. */
  async kill(): Promise<void> {
    this.#ending = true;
    killGroup(this.#child);
    await this.#gone();
  }

  /** SIGTERM, as a deployment sends it. @throws when it has not ended after a minute. */
  async stop(): Promise<void> {
    this.#ending = true;
    this.#child.kill("SIGTERM");
    const { promise, reject } = Promise.withResolvers<never>();
    const late = () =>
      reject(new Error(`Expected the server to end within ${STOP_TIMEOUT_MS} ms of SIGTERM:\n${this.#output()}`));
    const timer = setTimeout(late, STOP_TIMEOUT_MS);
    try {
      await Promise.race([this.#gone(), promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async usage(): Promise<Usage> {
    return usageOf(await this.#servingPid());
  }

  /** The command may have found that another Node has to run it, in a child of its own. */
  async #servingPid(): Promise<number> {
    const { pid = 0 } = this.#child;
    const [first] = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ");
    return first ? Number(first) : pid;
  }

  async #gone(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
  }
}

/** Runs a command of the server to its end. @throws with what it said, when it fails. */
export async function runCommand(args: readonly string[], settings: ServerSettings): Promise<void> {
  const child = run(args, settings);
  const output = keepOutput(child);
  await once(child, "exit");
  if (child.exitCode !== 0) throw new Error(`multichat ${args.join(" ")} ended with ${child.exitCode}:\n${output()}`);
}

/** A port that was free a moment ago, for a server that has to come back to the same one. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("Expected a port.");
  return address.port;
}

function run(args: readonly string[], { dataDir, port, env }: ServerSettings): ChildProcess {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    // A group of its own: `kill -9` has to reach what it has started, and Ctrl+C is for this process to deal with.
    detached: true,
    env: {
      PATH: process.env.PATH ?? "",
      HOST: "127.0.0.1",
      PORT: String(port),
      DATA_DIR: dataDir,
      LOG_LEVEL: "warn",
      // The sources, whatever was built last.
      MULTICHAT_SOURCE: "1",
      NODE_COMPILE_CACHE: COMPILED,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

function keepOutput(child: ChildProcess): () => string {
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = `${output}${chunk}`.slice(-KEPT_OUTPUT);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return () => output;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
