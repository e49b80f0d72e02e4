import type { LayerGap } from "@multichat/channels/layer";
import type { Redis } from "ioredis";
import { FirstConnection } from "./first-connection.ts";
import { Heartbeat, type LinkTiming } from "./heartbeat.ts";
import { openRedis, type RedisHost } from "./hosts.ts";
import type { RedisScript } from "./redis-script.ts";
import { Speaker } from "./speaker.ts";

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
  behind(): boolean;
  catchUp(): Promise<void>;
  gap(gap: LayerGap): void;
  /** A server that is there refuses what the link asks of it. */
  failed(error: unknown): void;
}

/** Messages taken at once from a channel that has many. */
const batch = 200;
/** Seconds that one blocking read lasts. */
const blockSeconds = 2;
/** Milliseconds between two tries to wake a read that is on its way to the server. */
const rouseMs = 2;
/** Milliseconds between two tries of what a server that is there refuses. */
const refusedMs = 500;

/** A connection to one server that sends, and one that waits for messages of the channels that are wanted here. */
export class QueueLink {
  readonly speaker: Speaker;
  readonly #hearer: Redis;
  readonly #listener: QueueListener;
  readonly #heartbeat: Heartbeat;
  readonly #scripts: readonly RedisScript[];
  readonly #first: FirstConnection;
  /** Wanted channels: with how many messages at once they may be read. The first with messages is read first. */
  readonly #wanted = new Map<string, "batch" | "one">();
  readonly #reading: Promise<void>;
  #state: "away" | "ready" | "closed" = "away";
  /** Changes with every connection that is lost: what was begun before it is void. */
  #epoch = 0;
  #lostAt: number | undefined;
  #hearerId: number | undefined;
  #wake: (() => void) | undefined;
  #blocked = false;
  #rousing = false;

  constructor(host: RedisHost, listener: QueueListener, timing: LinkTiming, scripts: readonly RedisScript[]) {
    this.#listener = listener;
    this.#scripts = scripts;
    this.#first = new FirstConnection(timing.connectTimeoutMs);
    this.speaker = new Speaker(host, timing);
    this.#hearer = openRedis(host);
    for (const redis of [this.speaker.redis, this.#hearer]) {
      redis.on("error", (error: Error) => this.#first.failed(error));
      redis.on("close", () => this.#lost());
      redis.on("ready", () => void this.#restore());
    }
    // A ping behind a blocking read is answered when that has ended.
    this.#heartbeat = new Heartbeat(this.#hearer, timing.pingMs + blockSeconds * 1_000);
    this.#hearer.connect().catch(() => undefined);
    this.#reading = this.#read();
  }

  /** Resolves when the server can be used; rejects while it is away, and when there was no first connection in time. */
  async ready(): Promise<void> {
    if (!this.#first.made) await this.#first.wait();
    if (this.#state !== "ready") throw new Error("the connection was lost");
  }

  get usable(): boolean {
    return this.#state === "ready";
  }

  /** Whether there was a connection, and it is lost: it comes back by itself, and then restores what must be. */
  get away(): boolean {
    return this.#state === "away" && this.#first.made;
  }

  /** Reads this channel from now on; "one": a message at a time, because other processes read it as well. */
  want(key: string, how: "batch" | "one"): void {
    if (this.#wanted.get(key) === how) return;
    this.#wanted.set(key, how);
    this.#rouse();
  }

  unwant(key: string): void {
    if (this.#wanted.delete(key)) this.#rouse();
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return await this.#reading;
    this.#state = "closed";
    this.#first.close();
    this.#heartbeat.stop();
    this.#wanted.clear();
    this.speaker.close();
    this.#hearer.disconnect();
    this.#wake?.();
    await this.#reading;
  }

  #lost(): void {
    this.#epoch += 1;
    this.#hearerId = undefined;
    if (this.#state !== "ready") return;
    this.#state = "away";
    this.#lostAt ??= Date.now();
  }

  get #connected(): boolean {
    return this.speaker.ready && this.#hearer.status === "ready";
  }

  async #restore(): Promise<void> {
    const epoch = this.#epoch;
    const current = () => epoch === this.#epoch && this.#state === "away" && this.#connected;
    if (!current()) return;
    try {
      await Promise.all(this.#scripts.map((script) => script.load(this.speaker.redis)));
      await this.#listener.restore();
      // No waiting between the last look and the change of state: nothing can come in between and be forgotten.
      while (current() && this.#listener.behind()) await this.#listener.catchUp();
    } catch (error) {
      if (!current()) return;
      // The connection is there, so the server has refused: out of memory, no permission. It may mend.
      this.#first.failed(error instanceof Error ? error : new Error(String(error)));
      this.#listener.failed(error);
      setTimeout(() => void this.#restore(), refusedMs).unref();
      return;
    }
    if (!current()) return;
    this.#state = "ready";
    if (!this.#first.made && this.#first.succeed()) this.#lostAt ??= this.#first.since;
    const since = this.#lostAt;
    this.#lostAt = undefined;
    if (since !== undefined) this.#listener.gap({ since, until: Date.now() });
    this.#wake?.();
  }

  /** The one loop that reads. It ends with `close`. */
  async #read(): Promise<void> {
    while (this.#state !== "closed") {
      if (this.#state !== "ready" || this.#wanted.size === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
        continue;
      }
      const epoch = this.#epoch;
      try {
        await this.#readOnce();
      } catch (error) {
        if (epoch === this.#epoch && this.#connected) {
          this.#listener.failed(error);
          await pause(refusedMs);
        } else {
          // The loss is told in this turn of the event loop at the latest; do not spin until then.
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    }
  }

  async #readOnce(): Promise<void> {
    this.#hearerId ??= await this.#hearer.client("ID");
    const keys = [...this.#wanted.keys()];
    if (keys.length === 0) return;
    this.#blocked = true;
    const popped = await this.#hearer.bzpopminBuffer(...keys, blockSeconds).finally(() => {
      this.#blocked = false;
    });
    if (popped === null) return;
    const [keyBytes, first, score] = popped;
    const key = String(keyBytes);
    const more = this.#listener.message({ key, bytes: first as Buffer, score: Number(score) });
    const how = this.#wanted.get(key);
    // To the end of the row, so that one busy channel does not keep the others waiting (L8).
    this.#wanted.delete(key);
    // One by one: at once when no more is wanted, and not when the reader gets round to it, or this would take the next.
    if (how === undefined || (how === "one" && !more)) return;
    this.#wanted.set(key, how);
    if (how === "one") return;
    const next = pairs(await this.#hearer.zpopminBuffer(key, batch));
    for (const [bytes, at] of next) this.#listener.message({ key, bytes, score: at });
  }

  /** Makes the loop look at what is wanted: it may be waiting here, or at the server. */
  #rouse(): void {
    this.#wake?.();
    if (this.#blocked && !this.#rousing) void this.#unblock();
  }

  /** Until the read has ended: an UNBLOCK that comes before the read that it is for does nothing. */
  async #unblock(): Promise<void> {
    this.#rousing = true;
    try {
      while (this.#blocked && this.#hearerId !== undefined && this.#state === "ready") {
        if ((await this.speaker.writing.client("UNBLOCK", this.#hearerId)) === 1) return;
        await pause(rouseMs);
      }
    } catch {
      // The connection went, and with it the read.
    } finally {
      this.#rousing = false;
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** Members and scores come flat, or in pairs from a server that speaks RESP3. */
function pairs(reply: readonly unknown[]): readonly (readonly [bytes: Buffer, score: number])[] {
  const found: [Buffer, number][] = [];
  if (Array.isArray(reply[0])) {
    for (const pair of reply as readonly (readonly unknown[])[]) found.push([pair[0] as Buffer, Number(pair[1])]);
    return found;
  }
  for (let at = 0; at + 1 < reply.length; at += 2) found.push([reply[at] as Buffer, Number(reply[at + 1])]);
  return found;
}
