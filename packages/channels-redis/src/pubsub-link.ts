import type { LayerGap } from "@multichat/channels/layer";
import type { Redis } from "ioredis";
import { Heartbeat, type LinkTiming } from "./heartbeat.ts";
import { openRedis, type RedisHost } from "./hosts.ts";

/** Whom a link tells what it hears. */
export interface LinkListener {
  message(topic: string, bytes: Buffer): void;
  /** Every subscription is whole again after the server was away (L11). */
  gap(gap: LayerGap): void;
}

/** One way to publish to and hear topics of one Redis: a server, or a cluster. */
export interface PubSubLink {
  /** Resolves at the first connection; rejects when there is none within the time that the layer allows. */
  ready(): Promise<void>;
  /** @returns how many connections heard it. Rejects while the server is away: nothing is kept for later. */
  publish(topic: string, bytes: Buffer): Promise<number>;
  /**
   * Resolves when the server has confirmed. While the server is away it resolves at once: the subscription is made with
   * all others when the server is back, and the gap is told then.
   */
  subscribe(topic: string): Promise<void>;
  unsubscribe(topic: string): void;
  /** Whether the topic is wanted: a message of one that is not was under way when it ended. */
  hears(topic: string): boolean;
  /** Hears every topic that begins with this. Never ended but by `close`. */
  subscribePrefix(prefix: string): Promise<void>;
  close(): Promise<void>;
}

/** Topics in one SUBSCRIBE when thousands are restored: small enough not to hold up the server. */
const chunk = 500;

type State = "connecting" | "ready" | "lost" | "closed";

/** A link to one server by SUBSCRIBE: a connection that hears and one that speaks. */
export class ServerLink implements PubSubLink {
  readonly #speaker: Redis;
  readonly #hearer: Redis;
  readonly #listener: LinkListener;
  readonly #heartbeat: Heartbeat;
  readonly #ready: Promise<void>;
  /** Topics that are wanted, each with the confirmation of its SUBSCRIBE. */
  readonly #topics = new Map<string, Promise<void>>();
  readonly #patterns = new Map<string, Promise<void>>();
  #state: State = "connecting";
  #lostAt = 0;

  constructor(host: RedisHost, listener: LinkListener, timing: LinkTiming) {
    this.#listener = listener;
    this.#speaker = openRedis(host, { enableAutoPipelining: true });
    this.#hearer = openRedis(host);
    this.#hearer.on("messageBuffer", (topic: Buffer, bytes: Buffer) => listener.message(topic.toString(), bytes));
    this.#hearer.on("pmessageBuffer", (_pattern: Buffer, topic: Buffer | string, bytes: Buffer) =>
      listener.message(topic.toString(), bytes),
    );
    this.#hearer.on("close", () => this.#lost());
    this.#heartbeat = new Heartbeat([this.#speaker, this.#hearer], timing);
    this.#ready = this.#connect(timing.connectTimeoutMs);
    // Whoever asks for it hears of a failure; nobody asking must not end the process.
    this.#ready.catch(() => undefined);
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  async publish(topic: string, bytes: Buffer): Promise<number> {
    await this.#ready;
    return await this.#speaker.publish(topic, bytes);
  }

  async subscribe(topic: string): Promise<void> {
    let confirmed = this.#topics.get(topic);
    if (confirmed === undefined) {
      confirmed = this.#state === "ready" ? this.#told(this.#hearer.subscribe(topic)) : this.#atReady();
      this.#topics.set(topic, confirmed);
    }
    await confirmed;
  }

  unsubscribe(topic: string): void {
    if (!this.#topics.delete(topic) || this.#state !== "ready") return;
    // One connection keeps the order: a later SUBSCRIBE of the same topic comes after this.
    void this.#told(this.#hearer.unsubscribe(topic));
  }

  hears(topic: string): boolean {
    return this.#topics.has(topic);
  }

  async subscribePrefix(prefix: string): Promise<void> {
    const pattern = `${prefix.replace(/[*?[\]\\]/g, "\\$&")}*`;
    let confirmed = this.#patterns.get(pattern);
    if (confirmed === undefined) {
      confirmed = this.#state === "ready" ? this.#told(this.#hearer.psubscribe(pattern)) : this.#atReady();
      this.#patterns.set(pattern, confirmed);
    }
    await confirmed;
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#heartbeat.stop();
    this.#topics.clear();
    this.#patterns.clear();
    this.#speaker.disconnect();
    this.#hearer.disconnect();
  }

  async #connect(timeoutMs: number): Promise<void> {
    const both = Promise.all([firstReady(this.#speaker, timeoutMs), firstReady(this.#hearer, timeoutMs)]);
    await both;
    if (this.#state === "closed") return;
    await this.#restore();
    for (const redis of [this.#speaker, this.#hearer]) redis.on("ready", () => void this.#back());
    this.#state = "ready";
    this.#heartbeat.start();
  }

  /** While connecting: with everything else when the connection is there. While it is away: at once, the gap follows. */
  #atReady(): Promise<void> {
    return this.#state === "connecting" ? this.#ready : Promise.resolve();
  }

  /** A SUBSCRIBE that fails because the connection went is made again when it is back. */
  async #told(command: Promise<unknown>): Promise<void> {
    try {
      await command;
    } catch (error) {
      if (this.#state === "ready" && this.#hearer.status === "ready") throw error;
    }
  }

  /** Only the hearer: what cannot be spoken fails where it is said. */
  #lost(): void {
    if (this.#state !== "ready") return;
    this.#state = "lost";
    this.#lostAt = Date.now();
  }

  async #back(): Promise<void> {
    if (this.#state !== "lost" || this.#speaker.status !== "ready" || this.#hearer.status !== "ready") return;
    try {
      await this.#restore();
    } catch {
      // Lost again in the middle: the next `ready` begins anew, and the gap is still the one that began first.
      return;
    }
    if (this.#state !== "lost" || this.#hearer.status !== "ready") return;
    this.#state = "ready";
    this.#listener.gap({ since: this.#lostAt, until: Date.now() });
  }

  /** Subscribes to all that is wanted; what is asked for in the meantime is taken in the next round. */
  async #restore(): Promise<void> {
    const made = new Set<string>();
    for (const pattern of this.#patterns.keys()) await this.#hearer.psubscribe(pattern);
    for (;;) {
      const missing = [...this.#topics.keys()].filter((topic) => !made.has(topic));
      if (missing.length === 0) break;
      for (let start = 0; start < missing.length; start += chunk) {
        const topics = missing.slice(start, start + chunk);
        await this.#hearer.subscribe(...topics);
        for (const topic of topics) made.add(topic);
      }
    }
    const ended = [...made].filter((topic) => !this.#topics.has(topic));
    if (ended.length > 0) await this.#hearer.unsubscribe(...ended);
  }
}

/** The first time that a connection can be used. Later losses are the link's business. */
export async function firstReady(redis: Redis, timeoutMs: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let lastError: Error | undefined;
    const onError = (error: Error) => {
      lastError = error;
    };
    const done = () => {
      clearTimeout(timer);
      redis.off("error", onError);
      redis.off("ready", onReady);
      redis.off("end", onEnd);
    };
    const onReady = () => {
      done();
      resolve();
    };
    const onEnd = () => {
      done();
      reject(lastError ?? new Error("The connection was closed before it was ready."));
    };
    const timer = setTimeout(() => {
      done();
      reject(
        new Error(`Redis did not answer within ${timeoutMs} ms: ${lastError?.message ?? "no connection"}`, {
          cause: lastError,
        }),
      );
    }, timeoutMs);
    redis.on("error", onError);
    redis.once("ready", onReady);
    redis.once("end", onEnd);
    if (redis.status === "wait") void redis.connect().catch(() => undefined);
    if (redis.status === "ready") onReady();
  });
}
