import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = process.env.MULTICHAT_TEST_REDIS_SERVER ?? "redis-server";
const READY = /Ready to accept connections/;

/** A Redis server for one test, on a free port and in a temporary folder, that can be killed and restarted. */
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
    const redis = new RedisProcess(await findFreePort(), folder, args);
    await redis.restart();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** Starts an empty server and waits until it accepts connections. */
  async restart(): Promise<void> {
    const options = ["--port", String(this.#port), "--bind", "127.0.0.1", "--dir", this.#folder, "--save", ""];
    const child = spawn(PROGRAM, [...options, ...this.#args], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    const ready = Promise.withResolvers<void>();
    child.once("error", (error) =>
      ready.reject(new Error(`failed to start redis-server (Debian: apt-get install redis-server): ${error}`)),
    );
    child.once("exit", (code) => ready.reject(new Error(`redis-server exited with ${code}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (READY.test(line)) ready.resolve();
    });
    await ready.promise;
  }

  /** Ends the server without a shutdown, as a power failure would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return address.port;
}
