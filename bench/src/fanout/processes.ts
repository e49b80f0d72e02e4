import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { usageOf } from "../report/usage.ts";
import type { Contestant, LoadResult, Measurement, ServerUsage, Step } from "./plan.ts";

/** Whether server and clients each have a core of their own. */
export const pinned: boolean = availableParallelism() > 1 && spawnSync("taskset", ["-V"]).status === 0;

const serverFiles: Readonly<Record<Contestant, string>> = {
  ws: "./server-ws.ts",
  "socket.io": "./server-socket-io.ts",
  channels: "./server-channels.ts",
};

/** One server process and one client process, from start to end. */
export async function measure(contestant: Contestant, step: Step): Promise<Measurement> {
  const server = new Child(serverFiles[contestant], 0);
  const { port } = await server.says<{ readonly port: number }>();
  const clients = new Child("./load-process.ts", 1);
  clients.tell({ port, dialect: contestant === "socket.io" ? "socket.io" : "plain", step });
  const begun = await usageAt(server, clients);
  const ended = await usageAt(server, clients);
  const { result } = await clients.says<{ readonly result: LoadResult }>();
  server.stop();
  await Promise.all([server.gone, clients.gone]);
  const serverCpuMicros = ended.cpuMicros - begun.cpuMicros;
  const seconds = result.elapsedMs / 1_000;
  return {
    contestant,
    rate: step.rate,
    offeredPerSecond: Math.round((result.sent / seconds) * step.members),
    deliveriesPerSecond: Math.round(result.deliveries / seconds),
    cpuMicrosPerDelivery: serverCpuMicros / result.deliveries,
    serverCpuShare: serverCpuMicros / 1_000 / result.elapsedMs,
    clientCpuShare: result.clientCpuMicros / 1_000 / result.elapsedMs,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    rssBytes: ended.rssBytes,
  };
}

/** Waits for the clients to say that the measured time begins or ends, and looks at the server then. */
async function usageAt(server: Child, clients: Child): Promise<ServerUsage> {
  await clients.says<{ readonly word: string }>();
  const usage = await server.usage();
  clients.tell({ go: true });
  return usage;
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A process of the benchmark, on a core of its own where that is possible. */
class Child {
  readonly gone: Promise<void>;
  readonly #process: ChildProcess;
  readonly #said: unknown[] = [];
  #heard: (() => void) | undefined;

  constructor(file: string, core: number) {
    const node = [process.execPath, "--conditions=@multichat/source", fileURLToPath(new URL(file, import.meta.url))];
    const [command = "", ...args] = pinned ? ["taskset", "-c", String(core), ...node] : node;
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#process = child;
    running.add(child);
    child.on("message", (message) => {
      this.#said.push(message);
      this.#heard?.();
    });
    this.gone = new Promise((resolve) => {
      child.once("exit", () => {
        running.delete(child);
        this.#heard?.();
        resolve();
      });
    });
  }

  tell(message: object): void {
    this.#process.send(message);
  }

  usage(): Promise<ServerUsage> {
    return usageOf(this.#process.pid ?? 0);
  }

  stop(): void {
    this.#process.kill("SIGKILL");
  }

  /** The next thing that it says. Both ends of the channel are files of this folder. */
  async says<T>(): Promise<T> {
    while (this.#said.length === 0) {
      if (!running.has(this.#process))
        throw new Error(`A process of the benchmark ended with ${this.#process.exitCode}.`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
    return this.#said.shift() as T;
  }
}
