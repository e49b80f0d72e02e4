import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A real Redis of the test's own, on a spare port and in a temporary folder, that can be killed and started again. */
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

  /** Starts it; nothing of what it held is there, unless the arguments make it keep its data. */
  async restart(): Promise<void> {
    const child = spawn(
      "redis-server",
      ["--port", `${this.port}`, "--bind", "127.0.0.1", "--dir", this.#folder, "--save", "", ...this.#args],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    this.#child = child;
    const failed = once(child, "error").then(([error]) => {
      throw new Error(`redis-server could not be started (Debian: apt-get install redis-server): ${String(error)}`);
    });
    await Promise.race([untilReachable(this.port, child), failed]);
  }

  /** As a machine that loses power: no good-bye to anybody. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  /** It stands still, as when its machine hangs: connections stay open, and nothing answers. */
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

/** A port that nobody listens on at the moment. */
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

/** Resolves when the server says PONG. */
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
    // Protected ones answer NOAUTH: they are there as well.
    socket.on("data", (data) => end(/^(\+PONG|-NOAUTH|-DENIED)/.test(data.toString())));
    socket.on("error", () => end(false));
    socket.on("timeout", () => end(false));
  });
}
