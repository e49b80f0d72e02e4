import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A real Redis server on a free port and in a temporary folder, which can be killed and restarted. */
export class RedisProcess {
  readonly port: number;
  readonly #folder: string;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, folder: string, args: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#args = args;
  }

  static async start(...args: string[]): Promise<RedisProcess> {
    const redis = new RedisProcess(await freePort(), await mkdtemp(join(tmpdir(), "multichat-redis-")), args);
    await redis.restart();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get folder(): string {
    return this.#folder;
  }

  /** Starts it, empty unless the arguments make it keep its data. */
  async restart(): Promise<void> {
    const child = spawn(
      "redis-server",
      ["--port", `${this.port}`, "--bind", "127.0.0.1", "--dir", this.#folder, "--save", "", ...this.#args],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    this.#child = child;
    const failed = once(child, "error").then(([error]) => {
      throw new Error(`Expected redis-server to start (Debian: apt-get install redis-server): ${String(error)}`);
    });
    await Promise.race([untilReachable(this.port, child), failed]);
  }

  /** Kills it by SIGKILL, like a machine that loses power. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  /** Freezes it, like a hanging machine: connections stay open, and nothing answers. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Returns a port that is free at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return address.port;
}

/** Resolves when the server answers a ping. */
async function untilReachable(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode} before it answered`);
    if (await isReachable(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`redis-server did not answer on port ${port} within 60 s`);
}

async function isReachable(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.setTimeout(10_000);
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    // A server with a password answers NOAUTH.
    socket.on("data", (data) => end(/^(\+PONG|-NOAUTH|-DENIED)/.test(data.toString())));
    socket.on("error", () => end(false));
    socket.on("timeout", () => end(false));
  });
}
