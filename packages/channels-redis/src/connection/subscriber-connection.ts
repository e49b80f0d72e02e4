import type { Redis } from "ioredis";
import { type ConnectionTiming, Heartbeat } from "./heartbeat.ts";
import { closeRedis, openRedis, type RedisHost } from "./redis-host.ts";

export interface SubscriberListener {
  message(topic: string, bytes: Buffer): void;
  /** Every subscription is active: for the first time, or again after the connection was lost at `lostAt`. */
  restored(lostAt: number | undefined): void;
  /** A connection whose subscriptions were all active was lost. */
  lost?(lostAt: number): void;
  /** The connection failed and is retried. */
  failed(error: Error): void;
  /** The server refused the subscription, which is given up. */
  refused(topic: string, error: Error): void;
  /** The server ended a subscription because the topic's slot moved to another node. Sharded topics only. */
  moved?(): void;
}

/** Topics per command when thousands are restored: small enough not to block the server. */
const MAX_TOPICS_PER_COMMAND = 500;

type SubscriptionKind = "topic" | "pattern";

/** The subscriptions of one kind. */
interface Subscriptions {
  /** The subscriptions that the caller asked for, each with its confirmation. */
  readonly wanted: Map<string, Promise<void>>;
  /** The subscriptions requested on the current connection. */
  readonly requested: Set<string>;
}

const CONFIRMED = Promise.resolve();

/**
 * A connection that subscribes to topics of one server. It keeps its subscriptions across any number of lost
 * connections, and reports when all of them are active again.
 */
export class SubscriberConnection {
  readonly redis: Redis;
  readonly #listener: SubscriberListener;
  readonly #heartbeat: Heartbeat;
  readonly #isSharded: boolean;
  readonly #topics: Subscriptions = { wanted: new Map(), requested: new Set() };
  readonly #patterns: Subscriptions = { wanted: new Map(), requested: new Set() };
  #state: "disconnected" | "restored" | "closed" = "disconnected";
  #lostAt: number | undefined;
  /** Grows with every lost connection: what was requested on one says nothing about the next. */
  #generation = 0;

  constructor(
    host: RedisHost,
    listener: SubscriberListener,
    timing: ConnectionTiming,
    options: { readonly sharded?: boolean } = {},
  ) {
    this.#listener = listener;
    this.#isSharded = options.sharded === true;
    this.redis = openRedis(host);
    const onMessage = (topic: Buffer | string, bytes: Buffer) => listener.message(topic.toString(), bytes);
    this.redis.on("messageBuffer", onMessage);
    this.redis.on("smessageBuffer", onMessage);
    this.redis.on("pmessageBuffer", (_pattern: Buffer, topic: Buffer | string, bytes: Buffer) =>
      onMessage(topic, bytes),
    );
    this.redis.on("moved", () => listener.moved?.());
    this.redis.on("error", (error: Error) => listener.failed(error));
    this.redis.on("close", () => this.#handleClose());
    this.redis.on("ready", () => void this.#restore());
    this.#heartbeat = new Heartbeat(this.redis, timing.pingIntervalMs);
    // A failure is reported by the event `error`, and ioredis tries again.
    this.redis.connect().catch(() => undefined);
  }

  get isRestored(): boolean {
    return this.#state === "restored";
  }

  /**
   * Resolves when the server has confirmed. While the server is unavailable it resolves at once, and the subscription is made
   * with all others on reconnect. Rejects when the server refuses.
   */
  subscribe(topic: string): Promise<void> {
    return this.#subscribe(this.#topics, "topic", topic);
  }

  subscribePattern(pattern: string): Promise<void> {
    return this.#subscribe(this.#patterns, "pattern", pattern);
  }

  unsubscribe(topic: string): void {
    const { wanted, requested } = this.#topics;
    if (!wanted.delete(topic) || this.#state !== "restored") return;
    requested.delete(topic);
    // One connection keeps the order: a later SUBSCRIBE of the same topic comes after this. It fails only with the connection,
    // which ends the subscription, too.
    this.#send("unsubscribe", "topic", [topic]).catch(() => undefined);
  }

  isSubscribed(topic: string): boolean {
    return this.#topics.wanted.has(topic);
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#heartbeat.stop();
    this.#topics.wanted.clear();
    this.#patterns.wanted.clear();
    await closeRedis(this.redis);
  }

  #subscribe(subscriptions: Subscriptions, kind: SubscriptionKind, topic: string): Promise<void> {
    const { wanted } = subscriptions;
    const existing = wanted.get(topic);
    if (existing !== undefined) return existing;
    const confirmation = this.#state === "restored" ? this.#request(subscriptions, kind, [topic]) : CONFIRMED;
    wanted.set(topic, confirmation);
    // A refused subscription must not answer the next caller.
    confirmation.catch(() => {
      if (wanted.get(topic) === confirmation) wanted.delete(topic);
    });
    return confirmation;
  }

  /** Rejects when the server refuses. A connection lost meanwhile is no refusal: the next one requests everything. */
  async #request({ requested }: Subscriptions, kind: SubscriptionKind, topics: readonly string[]): Promise<void> {
    const generation = this.#generation;
    for (const topic of topics) requested.add(topic);
    try {
      await this.#send("subscribe", kind, topics);
    } catch (error) {
      if (generation !== this.#generation) return;
      for (const topic of topics) requested.delete(topic);
      throw error;
    }
  }

  async #send(verb: "subscribe" | "unsubscribe", kind: SubscriptionKind, topics: readonly string[]): Promise<void> {
    if (this.#isSharded) {
      // All topics of one sharded command must be in the same slot.
      await Promise.all(
        topics.map((topic) => (verb === "subscribe" ? this.redis.ssubscribe(topic) : this.redis.sunsubscribe(topic))),
      );
    } else if (kind === "pattern") await this.redis.psubscribe(...topics);
    else await (verb === "subscribe" ? this.redis.subscribe(...topics) : this.redis.unsubscribe(...topics));
  }

  #handleClose(): void {
    this.#generation += 1;
    this.#topics.requested.clear();
    this.#patterns.requested.clear();
    if (this.#state !== "restored") return;
    this.#state = "disconnected";
    this.#lostAt ??= Date.now();
    this.#listener.lost?.(this.#lostAt);
  }

  /** Requests every subscription on a new connection, including changes made meanwhile, until none is missing. */
  async #restore(): Promise<void> {
    const generation = this.#generation;
    try {
      for (;;) {
        const patterns = differences(this.#patterns);
        const topics = differences(this.#topics);
        // No await between this check and the change of state, so no change can be missed.
        if (patterns === undefined && topics === undefined) break;
        if (patterns !== undefined) await this.#reconcile(this.#patterns, "pattern", patterns);
        if (topics !== undefined) await this.#reconcile(this.#topics, "topic", topics);
        if (generation !== this.#generation || this.#state === "closed") return;
      }
    } catch {
      // Usually the connection was lost again: the next one starts over, and the gap still begins at the first loss.
      if (generation === this.#generation) this.redis.disconnect(true);
      return;
    }
    if (this.#state === "closed") return;
    this.#state = "restored";
    const lostAt = this.#lostAt;
    this.#lostAt = undefined;
    this.#listener.restored(lostAt);
  }

  async #reconcile(
    subscriptions: Subscriptions,
    kind: SubscriptionKind,
    { missing, obsolete }: Differences,
  ): Promise<void> {
    for (let start = 0; start < missing.length; start += MAX_TOPICS_PER_COMMAND) {
      await this.#requestOrGiveUp(subscriptions, kind, missing.slice(start, start + MAX_TOPICS_PER_COMMAND));
    }
    if (obsolete.length === 0) return;
    for (const topic of obsolete) subscriptions.requested.delete(topic);
    await this.#send("unsubscribe", kind, obsolete);
  }

  /** A refused topic fails the whole command: each topic is then requested alone, and the refused ones are given up. */
  async #requestOrGiveUp(
    subscriptions: Subscriptions,
    kind: SubscriptionKind,
    topics: readonly string[],
  ): Promise<void> {
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
  /** Wanted, but not yet requested. */
  readonly missing: readonly string[];
  /** Requested, but no longer wanted. */
  readonly obsolete: readonly string[];
}

function differences({ wanted, requested }: Subscriptions): Differences | undefined {
  const missing = [...wanted.keys()].filter((topic) => !requested.has(topic));
  const obsolete = [...requested].filter((topic) => !wanted.has(topic));
  return missing.length + obsolete.length === 0 ? undefined : { missing, obsolete };
}
