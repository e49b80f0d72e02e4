import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { Connection } from "./connection.ts";
import type { FloodJob, FloodReport } from "./flood-thread.ts";

/** Between the messages of a user whose waiting time is measured: below the rate that everyone has. */
const PAUSE_MS = 20;
/** Rooms before those of the users who are measured. */
const OTHER_ROOMS = 2;

/** Posts short messages one after another, as each of some users in their rooms. @returns how long each took, in ms */
export async function measureWaits(
  url: string,
  tokens: readonly string[],
  seconds: number,
): Promise<readonly number[]> {
  const until = performance.now() + seconds * 1_000;
  const waits = await Promise.all(
    tokens.map((token, index) => measureUser(url, token, { room: index + 1 + OTHER_ROOMS, until })),
  );
  return waits.flat();
}

async function measureUser(
  url: string,
  token: string,
  { room, until }: { readonly room: number; readonly until: number },
): Promise<readonly number[]> {
  const connection = await Connection.open(url, token);
  await connection.do("room.join", { room });
  const waitsMs: number[] = [];
  while (performance.now() < until) {
    const startedAt = performance.now();
    await connection.do("message.send", { room, clientId: randomUUID(), body: "hello" });
    waitsMs.push(performance.now() - startedAt);
    await setTimeout(PAUSE_MS);
  }
  connection.close();
  return waitsMs;
}

/** A user who floods the server on many connections, as fast as it accepts their commands. */
export class FloodThread {
  readonly #worker: Worker;
  readonly #ended: Promise<number>;

  /** Resolves when the flood has begun. */
  static async start(job: FloodJob): Promise<FloodThread> {
    const worker = new Worker(new URL("./flood-thread.ts", import.meta.url), { workerData: job });
    const started = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<number>();
    worker.on("error", (error) => {
      started.reject(error);
      ended.reject(error);
    });
    worker.on("message", (report: FloodReport) => {
      if (report.kind === "started") started.resolve();
      else ended.resolve(report.accepted);
    });
    // Awaited by `stop`, which may come after the failure.
    ended.promise.catch(() => {});
    await started.promise;
    return new FloodThread(worker, ended.promise);
  }

  private constructor(worker: Worker, ended: Promise<number>) {
    this.#worker = worker;
    this.#ended = ended;
  }

  /** @returns how many commands the server has accepted. */
  async stop(): Promise<number> {
    this.#worker.postMessage("stop");
    const accepted = await this.#ended;
    await this.#worker.terminate();
    return accepted;
  }
}
