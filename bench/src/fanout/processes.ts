import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { usageOf } from "../report/usage.ts";
import type { LoadResult, Measurement, ServerUsage, Step, Subject } from "./plan.ts";

/** Whether server and clients each run on their own core. */
export const isPinned: boolean = availableParallelism() > 1 && spawnSync("taskset", ["-V"]).status === 0;

const SERVER_FILES: Readonly<Record<Subject, string>> = {
  ws: "./server-ws.ts",
  "socket.io": "./server-socket-io.ts",
  channels: "./server-channels.ts",
};

/** Measures one step with a new server process and a new client process. */
export async function measure(subject: Subject, step: Step): Promise<Measurement> {
  const server = new BenchProcess(SERVER_FILES[subject], 0);
  const { port } = await server.nextMessage<{ readonly port: number }>();
  const clients = new BenchProcess("./load-process.ts", 1);
  clients.send({ port, wireFormat: subject === "socket.io" ? "socket.io" : "plain", step });
  const usageBefore = await usageAt(server, clients);
  const usageAfter = await usageAt(server, clients);
  const { result } = await clients.nextMessage<{ readonly result: LoadResult }>();
  server.stop();
  await Promise.all([server.exited, clients.exited]);
  const serverCpuMicros = usageAfter.cpuMicros - usageBefore.cpuMicros;
  const seconds = result.elapsedMs / 1_000;
  return {
    subject,
    rate: step.rate,
    offeredPerSecond: Math.round((result.sent / seconds) * step.members),
    deliveriesPerSecond: Math.round(result.deliveries / seconds),
    cpuMicrosPerDelivery: serverCpuMicros / result.deliveries,
    serverCpuShare: serverCpuMicros / 1_000 / result.elapsedMs,
    clientCpuShare: result.clientCpuMicros / 1_000 / result.elapsedMs,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    rssBytes: usageAfter.rssBytes,
  };
}

/** Waits until the measured time begins or ends for the clients, and reads the server's usage then. */
async function usageAt(server: BenchProcess, clients: BenchProcess): Promise<ServerUsage> {
  await clients.nextMessage<{ readonly phase: string }>();
  const usage = await server.usage();
  clients.send({ go: true });
  return usage;
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A process of the benchmark, on its own core where possible. */
class BenchProcess {
  readonly exited: Promise<void>;
  readonly #process: ChildProcess;
  readonly #messages: unknown[] = [];
  #wake: (() => void) | undefined;

  constructor(file: string, core: number) {
    const node = [process.execPath, "--conditions=@multichat/source", fileURLToPath(new URL(file, import.meta.url))];
    const [command = "", ...args] = isPinned ? ["taskset", "-c", String(core), ...node] : node;
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#process = child;
    running.add(child);
    child.on("message", (message) => {
      this.#messages.push(message);
      this.#wake?.();
    });
    this.exited = new Promise((resolve) => {
      child.once("exit", () => {
        running.delete(child);
        this.#wake?.();
        resolve();
      });
    });
  }

  send(message: object): void {
    this.#process.send(message);
  }

  usage(): Promise<ServerUsage> {
    return usageOf(this.#process.pid ?? 0);
  }

  stop(): void {
    this.#process.kill("SIGKILL");
  }

  /** Returns the next message of the process. The cast holds: both ends of the channel are files of this folder. */
  async nextMessage<T>(): Promise<T> {
    while (this.#messages.length === 0) {
      if (!running.has(this.#process))
        throw new Error(`A process of the benchmark exited with ${this.#process.exitCode}.`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#messages.shift() as T;
  }
}
