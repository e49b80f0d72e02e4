import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = process.env.MULTICHAT_TEST_REDIS_SERVER ?? "redis-server";
const READY = /Ready to accept connections/;

/** A Redis of the test's own, on a spare port and in a temporary folder, that can be killed and started again. */
export class RedisProcess {
  readonly #port: number;
  readonly #folder: string;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, folder: string, args: readonly string[]) {
    this.#port = port;
    this.#folder = folder;
    this.#args = args;
  }

  static async start(...args: string[]): Promise<RedisProcess> {
    const folder = await mkdtemp(join(tmpdir(), "multichat-redis-"));
    const redis = new RedisProcess(await sparePort(), folder, args);
    await redis.restart();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** Resolves when it takes connections; nothing of what it held before is there. */
  async restart(): Promise<void> {
    const place = ["--port", String(this.#port), "--bind", "127.0.0.1", "--dir", this.#folder, "--save", ""];
    const child = spawn(PROGRAM, [...place, ...this.#args], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    const ready = Promise.withResolvers<void>();
    child.once("error", (error) =>
      ready.reject(new Error(`redis-server could not be started (Debian: apt-get install redis-server): ${error}`)),
    );
    child.once("exit", (code) => ready.reject(new Error(`redis-server ended with ${code}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (READY.test(line)) ready.resolve();
    });
    await ready.promise;
  }

  /** As a machine that loses power: no good-bye to anybody. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function sparePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return address.port;
}
