import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { usageOf } from "../report/usage.ts";
import { MAX_IN_FLIGHT, MESSAGE_TEXT, type ParticipantCommand, type ParticipantReply, type Subject } from "./plan.ts";

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

function start(command: string, args: readonly string[], stdin: "pipe" | "ignore"): ChildProcess {
  const child = spawn(command, args, { stdio: [stdin, stdin === "pipe" ? "pipe" : "ignore", "inherit"] });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

async function cpuMicros(child: ChildProcess): Promise<number> {
  return (await usageOf(child.pid ?? 0)).cpuMicros;
}

/** Finds a Python that has channels_redis, and its version. */
export function findPython(): { readonly command: string; readonly version: string } | undefined {
  const script = "import channels_redis; print(channels_redis.__version__)";
  for (const command of ["python3", "/usr/bin/python3"]) {
    try {
      const output = execFileSync(command, ["-c", script], { stdio: ["ignore", "pipe", "ignore"] });
      return { command, version: output.toString().trim() };
    } catch {
      // Not installed there: try the next one.
    }
  }
  return undefined;
}

/** A Redis server that the benchmark started. */
export interface BenchRedis {
  readonly url: string;
  /** Returns the CPU time that it has used so far. */
  cpuMicros(): Promise<number>;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<BenchRedis> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("Expected a port.");
  const url = `redis://127.0.0.1:${address.port}`;
  // Without a limit, so that a slow subject is measured and not cut off.
  const child = start(
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
  return { url, cpuMicros: () => cpuMicros(child), stop: () => kill(child) };
}

/** A participant in a process of its own, controlled over its standard input and output. */
export class ParticipantProcess {
  readonly #child: ChildProcess;
  readonly #pending: { resolve(reply: ParticipantReply): void; reject(error: Error): void }[] = [];

  constructor(subject: Subject, url: string, prefix: string) {
    const settings = JSON.stringify({ kind: subject, url, prefix, inFlight: MAX_IN_FLIGHT, text: MESSAGE_TEXT });
    const python = findPython();
    const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    const script = file(subject === "socket.io" ? "participant-socket-io.ts" : "participant-channels.ts");
    this.#child =
      subject.startsWith("py ") && python !== undefined
        ? start(python.command, [file("participant_channels.py"), settings], "pipe")
        : start(process.execPath, ["--conditions=@multichat/source", script, settings], "pipe");
    const { stdout } = this.#child;
    if (stdout === null) throw new Error("Expected a pipe.");
    createInterface({ input: stdout }).on("line", (line) =>
      this.#pending.shift()?.resolve(JSON.parse(line) as ParticipantReply),
    );
    this.#child.once("exit", (code) => {
      for (const { reject } of this.#pending) reject(new Error(`A process of the benchmark exited with ${code}.`));
    });
  }

  run(command: ParticipantCommand): Promise<ParticipantReply> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    });
  }

  /** Returns the CPU time that it has used so far. */
  cpuMicros(): Promise<number> {
    return cpuMicros(this.#child);
  }

  async stop(): Promise<void> {
    await kill(this.#child);
  }
}
