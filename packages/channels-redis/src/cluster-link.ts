import { Cluster } from "ioredis";
import type { LinkTiming } from "./heartbeat.ts";
import type { RedisSentinelHost } from "./hosts.ts";
import type { LinkListener, PubSubLink } from "./pubsub-link.ts";

export interface RedisCluster {
  /** Some of the cluster's nodes; the others are found through them. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly username?: string;
  readonly password?: string;
  readonly tls?: RedisSentinelHost["tls"];
  /** Addresses as seen from here, by the address that the cluster gives itself (`host:port`). */
  readonly natMap?: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
}

/**
 * A link to a Redis Cluster by sharded pub/sub (SSUBSCRIBE, SPUBLISH): a topic lives on the node of its slot, so that
 * publishing costs one node and not all of them. The client library keeps one subscriber a shard and moves subscriptions
 * when slots move.
 */
export class ClusterLink implements PubSubLink {
  readonly #cluster: Cluster;
  readonly #ready: Promise<void>;
  readonly #topics = new Map<string, Promise<void>>();
  readonly #listener: LinkListener;
  #lostAt: number | undefined;
  #closed = false;

  constructor(cluster: RedisCluster, listener: LinkListener, timing: LinkTiming) {
    this.#listener = listener;
    this.#cluster = new Cluster(
      cluster.nodes.map(({ host, port }) => ({ host, port })),
      {
        shardedSubscribers: true,
        enableOfflineQueue: false,
        lazyConnect: true,
        slotsRefreshTimeout: timing.connectTimeoutMs,
        clusterRetryStrategy: (tries) => Math.min(25 * 2 ** Math.min(tries, 6), 1_000),
        ...(cluster.natMap === undefined ? {} : { natMap: { ...cluster.natMap } }),
        redisOptions: {
          maxRetriesPerRequest: 0,
          ...(cluster.username === undefined ? {} : { username: cluster.username }),
          ...(cluster.password === undefined ? {} : { password: cluster.password }),
          ...(cluster.tls === undefined ? {} : { tls: cluster.tls }),
        },
      },
    );
    this.#cluster.on("error", () => undefined);
    this.#cluster.on("smessageBuffer", (topic: Buffer, bytes: Buffer) => listener.message(topic.toString(), bytes));
    // A shard's subscriber that goes away takes its topics' messages with it until another one is there.
    this.#cluster.on("-node", () => this.#lost());
    this.#cluster.on("+node", () => void this.#back());
    this.#cluster.on("close", () => this.#lost());
    this.#ready = this.#connect(timing.connectTimeoutMs);
    this.#ready.catch(() => undefined);
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  async publish(topic: string, bytes: Buffer): Promise<number> {
    await this.#ready;
    return Number(await this.#cluster.spublish(topic, bytes));
  }

  async subscribe(topic: string): Promise<void> {
    await this.#ready;
    let confirmed = this.#topics.get(topic);
    if (confirmed === undefined) {
      confirmed = this.#cluster.ssubscribe(topic).then(
        () => undefined,
        () => {
          // Away: it is made again with the others, and the gap is told then.
          this.#lost();
        },
      );
      this.#topics.set(topic, confirmed);
    }
    await confirmed;
  }

  unsubscribe(topic: string): void {
    if (!this.#topics.delete(topic)) return;
    this.#cluster.sunsubscribe(topic).catch(() => undefined);
  }

  hears(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /** Sharded topics know no patterns: the beginning is itself the topic that carries all of the process's channels. */
  async subscribePrefix(prefix: string): Promise<void> {
    await this.subscribe(prefix);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#topics.clear();
    this.#cluster.disconnect();
  }

  async #connect(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await Promise.race([
        this.#cluster.connect(),
        new Promise((_, reject) => {
          timer = setTimeout(() => reject(new Error(`The cluster did not answer within ${timeoutMs} ms.`)), timeoutMs);
        }),
      ]);
    } finally {
      clearTimeout(timer);
    }
    this.#cluster.on("ready", () => void this.#back());
  }

  #lost(): void {
    if (!this.#closed) this.#lostAt ??= Date.now();
  }

  async #back(): Promise<void> {
    const since = this.#lostAt;
    if (since === undefined || this.#closed) return;
    try {
      for (const topic of this.#topics.keys()) await this.#cluster.ssubscribe(topic);
    } catch {
      return;
    }
    this.#lostAt = undefined;
    this.#listener.gap({ since, until: Date.now() });
  }
}
