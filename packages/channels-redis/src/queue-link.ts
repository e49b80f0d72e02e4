import type { LayerGap } from "@multichat/channels/layer";
import type { Redis } from "ioredis";
import { Heartbeat, type LinkTiming } from "./heartbeat.ts";
import { openRedis, type RedisHost } from "./hosts.ts";
import { firstReady } from "./pubsub-link.ts";
import type { RedisScript } from "./redis-script.ts";

/** A message as it lay in its channel's sorted set: when it was put there, in seconds, is its score. */
export interface QueuedMessage {
  readonly key: string;
  readonly bytes: Buffer;
  readonly score: number;
}

export interface QueueListener {
  /** @returns whether more of this channel is wanted; only asked for channels that are read one by one. */
  message(message: QueuedMessage): boolean;
  /** The server is back after it was away. Runs before anything is read from it again. */
  restored(gap: LayerGap): Promise<void>;
}

/** Messages taken at once from a channel that has many. */
const batch = 200;
/** Seconds that one blocking read lasts: how long a lost UNBLOCK can delay a newly wanted channel. */
const blockSeconds = 2;

type State = "connecting" | "ready" | "lost" | "closed";

/** A connection to one server that sends, and one that waits for messages of the channels that are wanted here. */
export class QueueLink {
  readonly speaker: Redis;
  readonly #hearer: Redis;
  readonly #listener: QueueListener;
  readonly #heartbeat: Heartbeat;
  readonly #scripts: readonly RedisScript[];
  readonly #ready: Promise<void>;
  /** Wanted channels: with how many messages at once they may be read. */
  readonly #wanted = new Map<string, "batch" | "one">();
  #wake: (() => void) | undefined;
  #blocked = false;
  #hearerId: number | undefined;
  #state: State = "connecting";
  #lostAt = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(host: RedisHost, listener: QueueListener, timing: LinkTiming, scripts: readonly RedisScript[]) {
    this.#listener = listener;
    this.#scripts = scripts;
    this.speaker = openRedis(host, { enableAutoPipelining: true });
    this.#hearer = openRedis(host);
    this.#hearer.on("close", () => this.#lost());
    this.speaker.on("close", () => this.#lost());
    this.#heartbeat = new Heartbeat([this.speaker], timing);
    this.#ready = this.#connect(timing.connectTimeoutMs);
    this.#ready.catch(() => undefined);
  }

  ready(): Promise<void> {
    return this.#ready;
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

  clear(): void {
    this.#wanted.clear();
    this.#rouse();
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#heartbeat.stop();
    this.#wanted.clear();
    this.speaker.disconnect();
    this.#hearer.disconnect();
    this.#wake?.();
    await this.#reading;
  }

  async #connect(timeoutMs: number): Promise<void> {
    await Promise.all([firstReady(this.speaker, timeoutMs), firstReady(this.#hearer, timeoutMs)]);
    await this.#load();
    if (this.#state === "closed") return;
    this.#state = "ready";
    this.#hearer.on("ready", () => void this.#back());
    this.speaker.on("ready", () => void this.#back());
    this.#heartbeat.start();
    this.#reading = this.#read();
  }

  async #load(): Promise<void> {
    await Promise.all(this.#scripts.map((script) => script.load(this.speaker)));
  }

  #lost(): void {
    if (this.#state !== "ready") return;
    this.#state = "lost";
    this.#lostAt = Date.now();
    this.#hearerId = undefined;
  }

  async #back(): Promise<void> {
    if (this.#state !== "lost" || this.speaker.status !== "ready" || this.#hearer.status !== "ready") return;
    try {
      await this.#load();
      await this.#listener.restored({ since: this.#lostAt, until: Date.now() });
    } catch {
      // Lost again: the next `ready` comes here once more, and the gap is still the one that began first.
      return;
    }
    if (this.#state !== "lost") return;
    this.#state = "ready";
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
      try {
        await this.#readOnce([...this.#wanted.keys()]);
      } catch {
        // The connection went; `close` has been told of it, or it tells at once. Do not spin until then.
        await new Promise((resolve) => setImmediate(resolve));
        if (this.#hearer.status !== "ready") this.#lost();
      }
    }
  }

  async #readOnce(keys: readonly string[]): Promise<void> {
    this.#hearerId ??= await this.#hearer.client("ID");
    this.#blocked = true;
    const popped = await this.#hearer.bzpopminBuffer(...keys, blockSeconds).finally(() => {
      this.#blocked = false;
    });
    if (popped === null) return;
    const [keyBytes, first, score] = popped;
    const key = String(keyBytes);
    const more = this.#listener.message({ key, bytes: first as Buffer, score: Number(score) });
    if (this.#wanted.get(key) !== "batch") {
      // At once, and not when the reader gets round to it: by then this loop would have taken the next one.
      if (!more) this.#wanted.delete(key);
      return;
    }
    for (;;) {
      const next = pairs(await this.#hearer.zpopminBuffer(key, batch));
      for (const [bytes, at] of next) this.#listener.message({ key, bytes, score: at });
      if (next.length < batch) return;
    }
  }

  /** Makes the loop look at what is wanted: it may be waiting here, or at the server. */
  #rouse(): void {
    this.#wake?.();
    if (!this.#blocked || this.#hearerId === undefined || this.speaker.status !== "ready") return;
    this.speaker.client("UNBLOCK", this.#hearerId).catch(() => undefined);
  }
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
