import type { LayerGap } from "@multichat/channels/layer";
import type { Redis } from "ioredis";
import { CommandConnection } from "../connection/command-connection.ts";
import { FirstConnection } from "../connection/first-connection.ts";
import { type ConnectionTiming, Heartbeat } from "../connection/heartbeat.ts";
import { closeRedis, openRedis, type RedisHost } from "../connection/redis-host.ts";
import type { RedisScript } from "../connection/redis-script.ts";

/** A message as it lay in its channel's sorted set: when it was put there, in seconds, is its score. */
export interface QueuedMessage {
  readonly key: string;
  readonly bytes: Buffer;
  readonly score: number;
}

export interface QueueListener {
  /** @returns whether more of this channel is wanted; only asked for channels that are read one by one. */
  message(message: QueuedMessage): boolean;
  /** The server is there, at first or again, and may have lost everything. Runs before anything is read from it. */
  restore(): Promise<void>;
  /** Whether something has come up since that the server must be told before the link is ready. */
  hasBacklog(): boolean;
  flushBacklog(): Promise<void>;
  gap(gap: LayerGap): void;
  /** A server that is there refuses what the link asks of it. */
  failed(error: unknown): void;
}

/** Messages taken at once from a channel that has many. */
const READ_BATCH_SIZE = 200;
/** Seconds that one blocking read lasts. */
const BLOCKING_READ_SECONDS = 2;
/** Milliseconds between two tries to wake a read that is on its way to the server. */
const UNBLOCK_RETRY_MS = 2;
/** Milliseconds between two tries of what a server that is there refuses. */
const REFUSED_RETRY_MS = 500;

/** A connection to one server that sends, and one that waits for messages of the channels that are wanted here. */
export class QueueConnection {
  readonly commands: CommandConnection;
  readonly #reader: Redis;
  readonly #listener: QueueListener;
  readonly #heartbeat: Heartbeat;
  readonly #scripts: readonly RedisScript[];
  readonly #first: FirstConnection;
  /** Wanted channels: with how many messages at once they may be read. The first with messages is read first. */
  readonly #readKeys = new Map<string, "batch" | "one">();
  readonly #readLoop: Promise<void>;
  #state: "away" | "ready" | "closed" = "away";
  /** Changes with every connection that is lost: what was begun before it is void. */
  #generation = 0;
  #lostAt: number | undefined;
  #readerId: number | undefined;
  #wake: (() => void) | undefined;
  #isBlocked = false;
  #isUnblocking = false;

  constructor(host: RedisHost, listener: QueueListener, timing: ConnectionTiming, scripts: readonly RedisScript[]) {
    this.#listener = listener;
    this.#scripts = scripts;
    this.#first = new FirstConnection(timing.connectTimeoutMs);
    this.commands = new CommandConnection(host, timing);
    this.#reader = openRedis(host);
    for (const redis of [this.commands.redis, this.#reader]) {
      redis.on("error", (error: Error) => this.#first.reportError(error));
      redis.on("close", () => this.#onClose());
      redis.on("ready", () => void this.#restore());
    }
    // A ping behind a blocking read is answered when that has ended.
    this.#heartbeat = new Heartbeat(this.#reader, timing.pingIntervalMs + BLOCKING_READ_SECONDS * 1_000);
    this.#reader.connect().catch(() => undefined);
    this.#readLoop = this.#runReadLoop();
  }

  /** Resolves when the server can be used; rejects while it is away, and when there was no first connection in time. */
  async ready(): Promise<void> {
    if (!this.#first.isEstablished) await this.#first.wait();
    if (this.#state !== "ready") throw new Error("the connection was lost");
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  /** Whether there was a connection, and it is lost: it comes back by itself, and then restores what must be. */
  get isReconnecting(): boolean {
    return this.#state === "away" && this.#first.isEstablished;
  }

  /** Reads this channel from now on; "one": a message at a time, because other processes read it as well. */
  startReading(key: string, how: "batch" | "one"): void {
    if (this.#readKeys.get(key) === how) return;
    this.#readKeys.set(key, how);
    this.#interruptRead();
  }

  stopReading(key: string): void {
    if (this.#readKeys.delete(key)) this.#interruptRead();
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

  #onClose(): void {
    this.#generation += 1;
    this.#readerId = undefined;
    if (this.#state !== "ready") return;
    this.#state = "away";
    this.#lostAt ??= Date.now();
  }

  get #areBothConnected(): boolean {
    return this.commands.isReady && this.#reader.status === "ready";
  }

  async #restore(): Promise<void> {
    const epoch = this.#generation;
    const current = () => epoch === this.#generation && this.#state === "away" && this.#areBothConnected;
    if (!current()) return;
    try {
      await Promise.all(this.#scripts.map((script) => script.load(this.commands.redis)));
      await this.#listener.restore();
      // No waiting between the last look and the change of state: nothing can come in between and be forgotten.
      while (current() && this.#listener.hasBacklog()) await this.#listener.flushBacklog();
    } catch (error) {
      if (!current()) return;
      // The connection is there, so the server has refused: out of memory, no permission. It may mend.
      this.#first.reportError(error instanceof Error ? error : new Error(String(error)));
      this.#listener.failed(error);
      setTimeout(() => void this.#restore(), REFUSED_RETRY_MS).unref();
      return;
    }
    if (!current()) return;
    this.#state = "ready";
    if (!this.#first.isEstablished && this.#first.succeed().isLate) this.#lostAt ??= this.#first.startedAt;
    const since = this.#lostAt;
    this.#lostAt = undefined;
    if (since !== undefined) this.#listener.gap({ since, until: Date.now() });
    this.#wake?.();
  }

  /** The one loop that reads. It ends with `close`. */
  async #runReadLoop(): Promise<void> {
    while (this.#state !== "closed") {
      if (this.#state !== "ready" || this.#readKeys.size === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
        continue;
      }
      const epoch = this.#generation;
      try {
        await this.#readOnce();
      } catch (error) {
        if (epoch === this.#generation && this.#areBothConnected) {
          this.#listener.failed(error);
          await pause(REFUSED_RETRY_MS);
        } else {
          // The loss is told in this turn of the event loop at the latest; do not spin until then.
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
    const more = this.#listener.message({ key, bytes: first as Buffer, score: Number(score) });
    const how = this.#readKeys.get(key);
    // To the end of the row, so that one busy channel does not keep the others waiting (L8).
    this.#readKeys.delete(key);
    // One by one: at once when no more is wanted, and not when the reader gets round to it, or this would take the next.
    if (how === undefined || (how === "one" && !more)) return;
    this.#readKeys.set(key, how);
    if (how === "one") return;
    const next = membersWithScores(await this.#reader.zpopminBuffer(key, READ_BATCH_SIZE));
    for (const [bytes, at] of next) this.#listener.message({ key, bytes, score: at });
  }

  /** Makes the loop look at what is wanted: it may be waiting here, or at the server. */
  #interruptRead(): void {
    this.#wake?.();
    if (this.#isBlocked && !this.#isUnblocking) void this.#unblock();
  }

  /** Until the read has ended: an UNBLOCK that comes before the read that it is for does nothing. */
  async #unblock(): Promise<void> {
    this.#isUnblocking = true;
    try {
      while (this.#isBlocked && this.#readerId !== undefined && this.#state === "ready") {
        if ((await this.commands.corked.client("UNBLOCK", this.#readerId)) === 1) return;
        await pause(UNBLOCK_RETRY_MS);
      }
    } catch {
      // The connection went, and with it the read.
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

/** Members and scores come flat, or in pairs from a server that speaks RESP3. */
function membersWithScores(reply: readonly unknown[]): readonly (readonly [bytes: Buffer, score: number])[] {
  const found: [Buffer, number][] = [];
  if (Array.isArray(reply[0])) {
    for (const pair of reply as readonly (readonly unknown[])[]) found.push([pair[0] as Buffer, Number(pair[1])]);
    return found;
  }
  for (let at = 0; at + 1 < reply.length; at += 2) found.push([reply[at] as Buffer, Number(reply[at + 1])]);
  return found;
}
