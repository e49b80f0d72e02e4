import type { Redis } from "ioredis";
import { type ConnectionTiming, Heartbeat } from "./heartbeat.ts";
import { closeRedis, openRedis, type RedisHost } from "./redis-host.ts";

export interface SubscriberListener {
  message(topic: string, bytes: Buffer): void;
  /** All that is wanted is subscribed to: for the first time, or again after it was lost at `lostAt`. */
  restored(lostAt: number | undefined): void;
  /** It was whole, and the connection went. */
  lost?(at: number): void;
  /** The connection failed; it is tried again. */
  failed(error: Error): void;
  /** The server does not let this connection hear the topic, and it is given up. */
  refused(topic: string, error: Error): void;
  /** The topic now lives elsewhere: the server ended the subscription by itself. Sharded topics only. */
  moved?(): void;
}

/** Topics in one command when thousands are restored: small enough not to hold up the server. */
const MAX_TOPICS_PER_COMMAND = 500;

type Kind = "topic" | "pattern";

/** What is wanted of one kind, each with its confirmation, and what this very connection has been told. */
interface Subscriptions {
  readonly wanted: Map<string, Promise<void>>;
  readonly requested: Set<string>;
}

const CONFIRMED = Promise.resolve();

/**
 * A connection that hears topics of one server. It keeps what is wanted, over any number of lost connections, and says
 * when it is whole again.
 */
export class SubscriberConnection {
  readonly redis: Redis;
  readonly #listener: SubscriberListener;
  readonly #heartbeat: Heartbeat;
  readonly #sharded: boolean;
  readonly #topics: Subscriptions = { wanted: new Map(), requested: new Set() };
  readonly #patterns: Subscriptions = { wanted: new Map(), requested: new Set() };
  #state: "away" | "whole" | "closed" = "away";
  #lostAt: number | undefined;
  /** Changes with every connection: what one was told says nothing about the next. */
  #generation = 0;

  constructor(
    host: RedisHost,
    listener: SubscriberListener,
    timing: ConnectionTiming,
    how: { readonly sharded?: boolean } = {},
  ) {
    this.#listener = listener;
    this.#sharded = how.sharded === true;
    this.redis = openRedis(host);
    const message = (topic: Buffer | string, bytes: Buffer) => listener.message(topic.toString(), bytes);
    this.redis.on("messageBuffer", message);
    this.redis.on("smessageBuffer", message);
    this.redis.on("pmessageBuffer", (_pattern: Buffer, topic: Buffer | string, bytes: Buffer) => message(topic, bytes));
    this.redis.on("moved", () => listener.moved?.());
    this.redis.on("error", (error: Error) => listener.failed(error));
    this.redis.on("close", () => this.#onClose());
    this.redis.on("ready", () => void this.#restore());
    this.#heartbeat = new Heartbeat(this.redis, timing.pingIntervalMs);
    this.redis.connect().catch(() => undefined);
  }

  get isRestored(): boolean {
    return this.#state === "whole";
  }

  /**
   * Resolves when the server has confirmed; at once while it is away: then the subscription is made with all others.
   * Rejects when the server refuses.
   */
  subscribe(topic: string): Promise<void> {
    return this.#subscribe(this.#topics, "topic", topic);
  }

  subscribePattern(pattern: string): Promise<void> {
    return this.#subscribe(this.#patterns, "pattern", pattern);
  }

  unsubscribe(topic: string): void {
    const { wanted, requested: told } = this.#topics;
    if (!wanted.delete(topic) || this.#state !== "whole") return;
    told.delete(topic);
    // One connection keeps the order: a later SUBSCRIBE of the same topic comes after this.
    this.#send("unsubscribe", "topic", [topic]).catch(() => undefined);
  }

  isSubscribed(topic: string): boolean {
    return this.#topics.wanted.has(topic);
  }

  get topics(): IterableIterator<string> {
    return this.#topics.wanted.keys();
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#heartbeat.stop();
    this.#topics.wanted.clear();
    this.#patterns.wanted.clear();
    await closeRedis(this.redis);
  }

  #subscribe(subscriptions: Subscriptions, kind: Kind, topic: string): Promise<void> {
    const { wanted } = subscriptions;
    let confirmation = wanted.get(topic);
    if (confirmation === undefined) {
      confirmation = this.#state === "whole" ? this.#request(subscriptions, kind, [topic]) : CONFIRMED;
      wanted.set(topic, confirmation);
      // Kept for whoever asks next; who asked now hears of it by what is returned.
      const kept = confirmation;
      kept.catch(() => {
        if (wanted.get(topic) === kept) wanted.delete(topic);
      });
    }
    return confirmation;
  }

  /** Rejects when the server refuses; a connection that is lost meanwhile is no refusal, as all is told to the next. */
  async #request({ requested: told }: Subscriptions, kind: Kind, topics: readonly string[]): Promise<void> {
    const epoch = this.#generation;
    for (const topic of topics) told.add(topic);
    try {
      await this.#send("subscribe", kind, topics);
    } catch (error) {
      if (epoch !== this.#generation) return;
      for (const topic of topics) told.delete(topic);
      throw error;
    }
  }

  async #send(verb: "subscribe" | "unsubscribe", kind: Kind, topics: readonly string[]): Promise<void> {
    if (this.#sharded) {
      // Several in one command must be of one slot.
      await Promise.all(
        topics.map((topic) => (verb === "subscribe" ? this.redis.ssubscribe(topic) : this.redis.sunsubscribe(topic))),
      );
    } else if (kind === "pattern") await this.redis.psubscribe(...topics);
    else await (verb === "subscribe" ? this.redis.subscribe(...topics) : this.redis.unsubscribe(...topics));
  }

  #onClose(): void {
    this.#generation += 1;
    this.#topics.requested.clear();
    this.#patterns.requested.clear();
    if (this.#state !== "whole") return;
    this.#state = "away";
    this.#lostAt ??= Date.now();
    this.#listener.lost?.(this.#lostAt);
  }

  /** Tells a new connection all that is wanted, and what is asked for and ended meanwhile, until nothing is left. */
  async #restore(): Promise<void> {
    const epoch = this.#generation;
    try {
      for (;;) {
        const patterns = differences(this.#patterns);
        const topics = differences(this.#topics);
        // No waiting between this look and the change of state: nothing can come in between and be forgotten.
        if (patterns === undefined && topics === undefined) break;
        if (patterns !== undefined) await this.#reconcile(this.#patterns, "pattern", patterns);
        if (topics !== undefined) await this.#reconcile(this.#topics, "topic", topics);
        if (epoch !== this.#generation || this.#state === "closed") return;
      }
    } catch {
      // Nearly always the connection was lost in the middle: the next one begins anew, and the gap is the first one's.
      if (epoch === this.#generation) this.redis.disconnect(true);
      return;
    }
    if (this.#state === "closed") return;
    this.#state = "whole";
    const lostAt = this.#lostAt;
    this.#lostAt = undefined;
    this.#listener.restored(lostAt);
  }

  async #reconcile(subscriptions: Subscriptions, kind: Kind, { missing, obsolete: ended }: Differences): Promise<void> {
    for (let start = 0; start < missing.length; start += MAX_TOPICS_PER_COMMAND) {
      await this.#requestOrGiveUp(subscriptions, kind, missing.slice(start, start + MAX_TOPICS_PER_COMMAND));
    }
    if (ended.length === 0) return;
    for (const topic of ended) subscriptions.requested.delete(topic);
    await this.#send("unsubscribe", kind, ended);
  }

  /** One topic that is refused fails the whole command; then each is asked for alone, and the refused are given up. */
  async #requestOrGiveUp(subscriptions: Subscriptions, kind: Kind, topics: readonly string[]): Promise<void> {
    try {
      await this.#request(subscriptions, kind, topics);
    } catch (error) {
      const [topic] = topics;
      if (topic === undefined) return;
      if (topics.length === 1) {
        subscriptions.wanted.delete(topic);
        this.#listener.refused(topic, error instanceof Error ? error : new Error(String(error)));
        return;
      }
      for (const single of topics) await this.#requestOrGiveUp(subscriptions, kind, [single]);
    }
  }
}

interface Differences {
  readonly missing: readonly string[];
  readonly obsolete: readonly string[];
}

function differences({ wanted, requested: told }: Subscriptions): Differences | undefined {
  const missing = [...wanted.keys()].filter((topic) => !told.has(topic));
  const ended = [...told].filter((topic) => !wanted.has(topic));
  return missing.length + ended.length === 0 ? undefined : { missing, obsolete: ended };
}
