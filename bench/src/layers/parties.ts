import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { usageOf } from "../report/usage.ts";
import { type Answer, type Contestant, inFlight, type Order, text } from "./plan.ts";

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

function started(command: string, args: readonly string[], stdin: "pipe" | "ignore"): ChildProcess {
  const child = spawn(command, args, { stdio: [stdin, stdin === "pipe" ? "pipe" : "ignore", "inherit"] });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

async function cpuMicros(child: ChildProcess): Promise<number> {
  return (await usageOf(child.pid ?? 0)).cpuMicros;
}

/** The Python that has channels_redis, if there is one, and its version. */
export function findPython(): { readonly command: string; readonly version: string } | undefined {
  const script = "import channels_redis; print(channels_redis.__version__)";
  for (const command of ["python3", "/usr/bin/python3"]) {
    try {
      const said = execFileSync(command, ["-c", script], { stdio: ["ignore", "pipe", "ignore"] });
      return { command, version: said.toString().trim() };
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

/** A Redis of the benchmark's own. */
export interface OwnRedis {
  readonly url: string;
  /** What it has used up to now, in microseconds of CPU. */
  cpuMicros(): Promise<number>;
  stop(): Promise<void>;
}

export async function ownRedis(): Promise<OwnRedis> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("Expected a port.");
  const url = `redis://127.0.0.1:${address.port}`;
  // A slow contestant is to be measured, not cut off.
  const child = started(
    "redis-server",
    ["--port", `${address.port}`, "--bind", "127.0.0.1", "--save", "", "--client-output-buffer-limit", "pubsub 0 0 0"],
    "ignore",
  );
  const missing = once(child, "error").then(() => {
    throw new Error("Expected redis-server in the path, found none (Debian: apt-get install redis-server).");
  });
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on("error", () => undefined);
  await Promise.race([client.ping(), missing]);
  client.disconnect();
  return { url, cpuMicros: () => cpuMicros(child), stop: () => ended(child) };
}

/** One process of the benchmark. */
export class Party {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];

  constructor(contestant: Contestant, url: string, prefix: string) {
    const settings = JSON.stringify({ kind: contestant, url, prefix, inFlight, text });
    const python = findPython();
    const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    this.#child =
      contestant.startsWith("py ") && python !== undefined
        ? started(python.command, [file("party_channels.py"), settings], "pipe")
        : started(
            process.execPath,
            [
              "--conditions=@multichat/source",
              file(contestant === "socket.io" ? "party-socket-io.ts" : "party-channels.ts"),
              settings,
            ],
            "pipe",
          );
    const { stdout } = this.#child;
    if (stdout === null) throw new Error("Expected a pipe.");
    createInterface({ input: stdout }).on("line", (line) => this.#waiting.shift()?.resolve(JSON.parse(line) as Answer));
    this.#child.once("exit", (code) => {
      for (const { reject } of this.#waiting) reject(new Error(`A process of the benchmark ended with ${code}.`));
    });
  }

  tell(order: Order): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    });
  }

  /** What it has used up to now, in microseconds of CPU. */
  cpuMicros(): Promise<number> {
    return cpuMicros(this.#child);
  }

  async stop(): Promise<void> {
    await ended(this.#child);
  }
}
