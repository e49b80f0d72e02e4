import type { LayerGap } from "@multichat/channels/layer";
import type { Redis } from "ioredis";
import { CommandConnection } from "../connection/command-connection.ts";
import { FirstConnection } from "../connection/first-connection.ts";
import { type ConnectionTiming, Heartbeat } from "../connection/heartbeat.ts";
import { closeRedis, openRedis, type RedisHost } from "../connection/redis-host.ts";
import type { RedisScript } from "../connection/redis-script.ts";

/** A message as read from a queue, a sorted set whose scores are the times of sending in seconds. */
export interface QueuedMessage {
  readonly key: string;
  readonly bytes: Buffer;
  readonly score: number;
}

export interface QueueListener {
  /** @returns whether to read on; used only for queues that are read one message at a time. */
  message(message: QueuedMessage): boolean;
  /** Called on every connection, before anything is read: the server may have lost everything. */
  restore(): Promise<void>;
  /** Whether there are changes to write to the server before the connection is ready. */
  hasBacklog(): boolean;
  flushBacklog(): Promise<void>;
  gap(gap: LayerGap): void;
  /** A connected server refused a command. */
  failed(error: unknown): void;
}

/** How a queue is read: "single" takes one message at a time, because other processes read the queue too. */
type ReadMode = "batch" | "single";

/** Messages taken at once from a queue that has many. */
const READ_BATCH_SIZE = 200;
/** How long one blocking read lasts. */
const BLOCKING_READ_SECONDS = 2;
/** The delay between two attempts to unblock a read that may not have reached the server yet. */
const UNBLOCK_RETRY_MS = 2;
/** The delay before a command that a connected server refused is retried. */
const REFUSED_RETRY_MS = 500;

/** The connections to one server: one sends commands, and one waits for messages of the queues that are read here. */
export class QueueConnection {
  readonly commands: CommandConnection;
  readonly #reader: Redis;
  readonly #listener: QueueListener;
  readonly #heartbeat: Heartbeat;
  readonly #scripts: readonly RedisScript[];
  readonly #first: FirstConnection;
  /** The queues to read, in order: the first one that has messages is read first. */
  readonly #readKeys = new Map<string, ReadMode>();
  readonly #readLoop: Promise<void>;
  #state: "disconnected" | "ready" | "closed" = "disconnected";
  /** Grows with every lost connection: work that began before it is void. */
  #generation = 0;
  #lostAt: number | undefined;
  #readerId: number | undefined;
  #wake: (() => void) | undefined;
  #isBlocked = false;
  #isUnblocking = false;
  /** Resolves when the read that is under way has handed over what it took. */
  #currentRead: Promise<void> = Promise.resolve();

  constructor(host: RedisHost, listener: QueueListener, timing: ConnectionTiming, scripts: readonly RedisScript[]) {
    this.#listener = listener;
    this.#scripts = scripts;
    this.#first = new FirstConnection(timing.connectTimeoutMs);
    this.commands = new CommandConnection(host, timing);
    this.#reader = openRedis(host);
    for (const redis of [this.commands.redis, this.#reader]) {
      redis.on("error", (error: Error) => this.#first.reportError(error));
      redis.on("close", () => this.#handleClose());
      redis.on("ready", () => void this.#restore());
    }
    // A ping sent during a blocking read is answered when the read has ended.
    this.#heartbeat = new Heartbeat(this.#reader, timing.pingIntervalMs + BLOCKING_READ_SECONDS * 1_000);
    // A failure is reported by the event `error`, and ioredis tries again.
    this.#reader.connect().catch(() => undefined);
    this.#readLoop = this.#runReadLoop();
  }

  /** Resolves when the server is ready; rejects while it is unavailable, or when there was no first connection in time. */
  async ready(): Promise<void> {
    if (!this.#first.isEstablished) await this.#first.wait();
    if (this.#state !== "ready") throw new Error("the connection was lost");
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  /** Whether an earlier connection was lost: it reconnects by itself and then restores its state. */
  get isReconnecting(): boolean {
    return this.#state === "disconnected" && this.#first.isEstablished;
  }

  startReading(key: string, mode: ReadMode): void {
    if (this.#readKeys.get(key) === mode) return;
    this.#readKeys.set(key, mode);
    this.#interruptRead();
  }

  /** Resolves when no read of the queue is under way, so that it takes no message any more. Never rejects. */
  async stopReading(key: string): Promise<void> {
    if (!this.#readKeys.delete(key)) return;
    this.#interruptRead();
    await this.#currentRead;
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return await this.#readLoop;
    this.#state = "closed";
    this.#first.close();
    this.#heartbeat.stop();
    this.#readKeys.clear();
    const closing = [this.commands.close(), closeRedis(this.#reader)];
    this.#wake?.();
    await Promise.all([...closing, this.#readLoop]);
  }

  #handleClose(): void {
    this.#generation += 1;
    this.#readerId = undefined;
    if (this.#state !== "ready") return;
    this.#state = "disconnected";
    this.#lostAt ??= Date.now();
  }

  get #areBothConnected(): boolean {
    return this.commands.isReady && this.#reader.status === "ready";
  }

  async #restore(): Promise<void> {
    const generation = this.#generation;
    const isCurrent = () => generation === this.#generation && this.#state === "disconnected" && this.#areBothConnected;
    if (!isCurrent()) return;
    try {
      await Promise.all(this.#scripts.map((script) => script.load(this.commands.redis)));
      await this.#listener.restore();
      // No await between the last check and the change of state, so no change can be missed.
      while (isCurrent() && this.#listener.hasBacklog()) await this.#listener.flushBacklog();
    } catch (error) {
      if (!isCurrent()) return;
      // The connection is up, so the server refused (out of memory, no permission), which may be temporary.
      this.#first.reportError(error instanceof Error ? error : new Error(String(error)));
      this.#listener.failed(error);
      setTimeout(() => void this.#restore(), REFUSED_RETRY_MS).unref();
      return;
    }
    if (!isCurrent()) return;
    this.#state = "ready";
    if (!this.#first.isEstablished && this.#first.succeed().isLate) this.#lostAt ??= this.#first.startedAt;
    const since = this.#lostAt;
    this.#lostAt = undefined;
    if (since !== undefined) this.#listener.gap({ since, until: Date.now() });
    this.#wake?.();
  }

  /** Reads until `close`. */
  async #runReadLoop(): Promise<void> {
    while (this.#state !== "closed") {
      if (this.#state !== "ready" || this.#readKeys.size === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
        continue;
      }
      const generation = this.#generation;
      try {
        const read = this.#readOnce();
        // Closing waits for the read to end, however it does.
        this.#currentRead = read.catch(() => undefined);
        await read;
      } catch (error) {
        if (generation === this.#generation && this.#areBothConnected) {
          this.#listener.failed(error);
          await pause(REFUSED_RETRY_MS);
        } else {
          // The `close` event comes within this turn of the event loop; do not spin until then.
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    }
  }

  async #readOnce(): Promise<void> {
    this.#readerId ??= await this.#reader.client("ID");
    const keys = [...this.#readKeys.keys()];
    if (keys.length === 0) return;
    this.#isBlocked = true;
    const popped = await this.#reader.bzpopminBuffer(...keys, BLOCKING_READ_SECONDS).finally(() => {
      this.#isBlocked = false;
    });
    if (popped === null) return;
    const [keyBytes, first, score] = popped;
    const key = String(keyBytes);
    const readOn = this.#listener.message({ key, bytes: first as Buffer, score: Number(score) });
    const mode = this.#readKeys.get(key);
    // Moved to the end, so that one busy queue does not starve the others (L8).
    this.#readKeys.delete(key);
    // A single read stops here, before the reader calls `stopReading`, or the loop would take another message.
    if (mode === undefined || (mode === "single" && !readOn)) return;
    this.#readKeys.set(key, mode);
    if (mode === "single") return;
    const batch = membersWithScores(await this.#reader.zpopminBuffer(key, READ_BATCH_SIZE));
    for (const [bytes, batchScore] of batch) this.#listener.message({ key, bytes, score: batchScore });
  }

  /** Makes the loop notice a changed set of queues: it may be waiting in this process, or at the server. */
  #interruptRead(): void {
    this.#wake?.();
    if (this.#isBlocked && !this.#isUnblocking) void this.#unblock();
  }

  /** Repeats UNBLOCK until the read has ended: one that overtakes its read has no effect. */
  async #unblock(): Promise<void> {
    this.#isUnblocking = true;
    try {
      while (this.#isBlocked && this.#readerId !== undefined && this.#state === "ready") {
        if ((await this.commands.corked.client("UNBLOCK", this.#readerId)) === 1) return;
        await pause(UNBLOCK_RETRY_MS);
      }
    } catch {
      // The connection was lost, and the read with it.
    } finally {
      this.#isUnblocking = false;
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** Parses members and scores, which arrive as a flat list, or in pairs under RESP3. */
function membersWithScores(reply: readonly unknown[]): readonly (readonly [bytes: Buffer, score: number])[] {
  const members: [Buffer, number][] = [];
  if (Array.isArray(reply[0])) {
    for (const pair of reply as readonly (readonly unknown[])[]) members.push([pair[0] as Buffer, Number(pair[1])]);
    return members;
  }
  for (let index = 0; index + 1 < reply.length; index += 2) {
    members.push([reply[index] as Buffer, Number(reply[index + 1])]);
  }
  return members;
}
