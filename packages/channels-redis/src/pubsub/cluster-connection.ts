import { setTimeout as setTimeoutAsync } from "node:timers/promises";
import { deleteKeys } from "../connection/delete-keys.ts";
import { FirstConnection } from "../connection/first-connection.ts";
import type { ConnectionTiming } from "../connection/heartbeat.ts";
import type { RedisHost, RedisSentinelHost } from "../connection/redis-host.ts";
import type { RedisScript } from "../connection/redis-script.ts";
import type { SubscriberListener } from "../connection/subscriber-connection.ts";
import type { ScriptValues } from "../history/history-server.ts";
import { ClusterNode, type SlotRange } from "./cluster-node.ts";
import { SLOT_COUNT, slotOf } from "./cluster-slot.ts";
import type { PubSubConnection, PubSubListener } from "./pubsub-connection.ts";

export interface RedisCluster {
  /** Some of the cluster's nodes; the others are discovered through them. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly username?: string;
  readonly password?: string;
  readonly tls?: RedisSentinelHost["tls"];
  /** Reachable addresses, keyed by the address that the cluster announces (`host:port`). */
  readonly natMap?: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
}

/** Milliseconds between two refreshes of the slots while a node is unavailable; otherwise one per ping interval. */
const RECOVERY_REFRESH_MS = 300;
/** Errors of a node while slots or masters change: the command is retried, there or at another node. */
const TRANSIENT_ERRORS = /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|LOADING|MASTERDOWN|READONLY)/;
/** How often a command follows a slot that moved. */
const MAX_REDIRECTS = 3;
/** How often a script waits for the keys of a slot that is moving, some of which are at each node; and the first of the waits. */
const MAX_MOVING_RETRIES = 7;
const MOVING_RETRY_MS = 25;

/**
 * Sharded pub/sub (SSUBSCRIBE, SPUBLISH) with a Redis Cluster: a topic lives on the node of its slot, so publishing
 * costs one node and not all of them. A failover or a resharding moves the topics to their new nodes, and is reported as
 * a gap.
 */
export class ClusterConnection implements PubSubConnection {
  readonly #cluster: RedisCluster;
  readonly #listener: PubSubListener;
  readonly #timing: ConnectionTiming;
  readonly #first: FirstConnection;
  readonly #nodes = new Map<string, ClusterNode>();
  readonly #seeds: ReadonlySet<string>;
  /** The node of each slot; empty until known. */
  #slots: (string | undefined)[] = [];
  /** Subscribed topics, each with the node on which it was requested. */
  readonly #topics = new Map<string, string | undefined>();
  #gapSince: number | undefined;
  #refreshing: Promise<void> | undefined;
  #scheduledRefresh: { readonly timer: NodeJS.Timeout; readonly at: number } | undefined;
  #isClosed = false;

  constructor(cluster: RedisCluster, listener: PubSubListener, timing: ConnectionTiming) {
    this.#cluster = cluster;
    this.#listener = listener;
    this.#timing = timing;
    this.#first = new FirstConnection(timing.connectTimeoutMs);
    this.#seeds = new Set(cluster.nodes.map(({ host, port }) => `${host}:${port}`));
    for (const key of this.#seeds) this.#node(key);
  }

  async ready(): Promise<void> {
    await this.#first.wait();
  }

  async publish(topic: string, bytes: Buffer): Promise<number> {
    if (!this.#first.isEstablished) await this.#first.wait();
    return await this.#runAtOwner(topic, async (node) => Number(await node.commands.corked.spublish(topic, bytes)));
  }

  async countSubscribers(topic: string): Promise<number> {
    if (!this.#first.isEstablished) await this.#first.wait();
    return await this.#runAtOwner(topic, async (node) => {
      const [, count] = (await node.commands.corked.pubsub("SHARDNUMSUB", topic)) as readonly unknown[];
      return Number(count);
    });
  }

  async runScript(topic: string, script: RedisScript, keys: readonly string[], values: ScriptValues): Promise<unknown> {
    if (!this.#first.isEstablished) await this.#first.wait();
    return await this.#runAtOwner(topic, (node, isAsking) => node.history.run(script, keys, values, { isAsking }));
  }

  async deleteKeys(pattern: string): Promise<void> {
    if (!this.#first.isEstablished) await this.#first.wait();
    const masters = new Set(this.#slots);
    await Promise.all([...masters].map((key) => key && deleteKeys(this.#node(key).commands.redis, pattern)));
  }

  async subscribe(topic: string): Promise<void> {
    if (!this.#topics.has(topic)) this.#topics.set(topic, undefined);
    if (!this.#first.isEstablished) await this.#first.wait();
    await this.#subscribeAtOwner(topic);
    // A node used for the first time is not connected yet, and its subscriber confirms at once until it is.
    const key = this.#topics.get(topic);
    if (key !== undefined) await this.#nodes.get(key)?.subscriberReady();
  }

  unsubscribe(topic: string): void {
    const key = this.#topics.get(topic);
    this.#topics.delete(topic);
    if (key !== undefined) this.#nodes.get(key)?.unsubscribe(topic);
  }

  isSubscribed(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /** Sharded pub/sub has no patterns: the prefix itself is the topic of all of this process's channels. */
  async subscribePrefix(prefix: string): Promise<void> {
    await this.subscribe(prefix);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#scheduledRefresh?.timer);
    this.#first.close();
    this.#topics.clear();
    const nodes = [...this.#nodes.values()];
    this.#nodes.clear();
    await Promise.all(nodes.map((node) => node.close()));
  }

  /**
   * Runs a command at the node of the topic's slot, and follows its redirects. While a slot moves, its keys are at either node (ASK),
   * or for a moment at both (TRYAGAIN).
   */
  async #runAtOwner<T>(topic: string, command: (node: ClusterNode, isAsking: boolean) => Promise<T>): Promise<T> {
    const slot = slotOf(topic);
    let importer: string | undefined;
    for (let redirects = 0, waits = 0; ; ) {
      const key = importer ?? this.#slots[slot];
      if (key === undefined) throw new Error(`No node of the cluster has slot ${slot}.`);
      try {
        return await command(this.#node(key), importer !== undefined);
      } catch (error) {
        const redirect = redirectOf(error);
        if (redirect === undefined) throw error;
        if (redirect.kind === "TRYAGAIN") {
          if (waits === MAX_MOVING_RETRIES || this.#isClosed) throw error;
          await setTimeoutAsync(MOVING_RETRY_MS * 2 ** waits, undefined, { ref: false });
          waits += 1;
          // The move may be over, or may not have begun at the other node.
          importer = undefined;
        } else {
          if (redirects === MAX_REDIRECTS || this.#isClosed) throw error;
          redirects += 1;
          importer = redirect.kind === "ASK" ? redirect.target : undefined;
          if (redirect.kind === "MOVED") this.#slots[slot] = redirect.target;
          this.#scheduleRefresh(0);
        }
      }
    }
  }

  /** Subscribes to the topic at the node of its slot, and unsubscribes where it was before. */
  async #subscribeAtOwner(topic: string): Promise<void> {
    await this.#runAtOwner(topic, async (node) => {
      if (!this.#topics.has(topic)) return;
      const previous = this.#topics.get(topic);
      if (previous !== undefined && previous !== node.key) this.#nodes.get(previous)?.unsubscribe(topic);
      this.#topics.set(topic, node.key);
      await node.subscriber.subscribe(topic);
    });
  }

  #node(key: string): ClusterNode {
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const node = new ClusterNode(key, this.#hostOf(key), this.#subscriberListener(), this.#timing);
    node.commands.redis.on("error", (error: Error) => this.#first.reportError(error));
    node.commands.redis.on("ready", () => this.#scheduleRefresh(0));
    node.commands.redis.on("close", () => this.#scheduleRefresh(RECOVERY_REFRESH_MS));
    this.#nodes.set(key, node);
    return node;
  }

  #subscriberListener(): SubscriberListener {
    return {
      message: (topic, bytes) => this.#listener.message(topic, bytes),
      lost: (at) => {
        this.#markGap(at);
        this.#scheduleRefresh(RECOVERY_REFRESH_MS);
      },
      restored: () => this.#completeRecovery(),
      failed: () => undefined,
      moved: () => {
        this.#markGap(Date.now());
        this.#scheduleRefresh(0);
      },
      refused: (topic, error) => {
        if (TRANSIENT_ERRORS.test(error.message)) {
          if (this.#topics.has(topic)) this.#topics.set(topic, undefined);
          this.#scheduleRefresh(RECOVERY_REFRESH_MS);
        } else {
          this.#topics.delete(topic);
          this.#listener.refused(topic, error);
        }
      },
    };
  }

  #hostOf(key: string): RedisHost {
    const colon = key.lastIndexOf(":");
    const announced = { host: key.slice(0, colon), port: Number(key.slice(colon + 1)) };
    const { username, password, tls, natMap } = this.#cluster;
    const { host, port } = natMap?.[key] ?? announced;
    const url = new URL(
      `${tls === undefined ? "redis" : "rediss"}://${host.includes(":") ? `[${host}]` : host}:${port}`,
    );
    if (username !== undefined) url.username = encodeURIComponent(username);
    if (password !== undefined) url.password = encodeURIComponent(password);
    return tls === undefined ? url.href : { url: url.href, tls };
  }

  #markGap(at: number): void {
    if (this.#first.isEstablished && !this.#isClosed) this.#gapSince ??= at;
  }

  /** Refreshes the slots after a delay, unless an earlier refresh is already scheduled. */
  #scheduleRefresh(delayMs: number): void {
    if (this.#isClosed) return;
    const at = Date.now() + delayMs;
    if (this.#scheduledRefresh !== undefined && this.#scheduledRefresh.at <= at) return;
    clearTimeout(this.#scheduledRefresh?.timer);
    const refresh = () => {
      this.#scheduledRefresh = undefined;
      void this.#refresh();
    };
    this.#scheduledRefresh = { at, timer: setTimeout(refresh, delayMs).unref() };
  }

  #refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshOnce().finally(() => {
      this.#refreshing = undefined;
      if (!this.#isClosed) this.#scheduleRefresh(this.#isDegraded ? RECOVERY_REFRESH_MS : this.#timing.pingIntervalMs);
    });
    return this.#refreshing;
  }

  async #refreshOnce(): Promise<void> {
    const ranges = await this.#fetchSlotRanges();
    if (ranges === undefined || this.#isClosed) return;
    const slots: (string | undefined)[] = new Array(SLOT_COUNT);
    for (const { first, last, key } of ranges) slots.fill(key, first, last + 1);
    this.#slots = slots;
    const masters = new Set(ranges.map(({ key }) => key));
    for (const key of masters) this.#node(key);
    const moving = [...this.#topics].filter(([topic, key]) => key === undefined || slots[slotOf(topic)] !== key);
    if (moving.some(([, key]) => key !== undefined)) this.#markGap(Date.now());
    // A failed subscription is retried at the next refresh: until then the gap stays open.
    await Promise.allSettled(moving.map(([topic]) => this.#subscribeAtOwner(topic)));
    for (const [key, node] of this.#nodes) {
      if (masters.has(key) || this.#seeds.has(key)) continue;
      this.#nodes.delete(key);
      void node.close();
    }
    this.#completeRecovery();
  }

  /** Returns the slots from the first node that answers. */
  async #fetchSlotRanges(): Promise<readonly SlotRange[] | undefined> {
    for (const node of this.#nodes.values()) {
      if (!node.commands.isReady) continue;
      try {
        const ranges = await node.fetchSlotRanges();
        if (ranges.length > 0) return ranges;
      } catch {
        // The node has just gone away, or is not part of a cluster: try the next one.
      }
    }
    return undefined;
  }

  /** Whether a topic is not at the node of its slot, or a node with topics or slots is unavailable. */
  get #isDegraded(): boolean {
    if (this.#slots.length === 0) return true;
    for (const key of new Set(this.#slots)) {
      if (key === undefined || this.#nodes.get(key)?.isHealthy !== true) return true;
    }
    for (const [topic, key] of this.#topics) if (key === undefined || this.#slots[slotOf(topic)] !== key) return true;
    return false;
  }

  /** Reports the gap once every topic is subscribed to at its node. */
  #completeRecovery(): void {
    if (this.#isClosed || this.#isDegraded) return;
    if (!this.#first.isEstablished && this.#first.succeed().isLate) this.#gapSince ??= this.#first.startedAt;
    const since = this.#gapSince;
    if (since === undefined) return;
    this.#gapSince = undefined;
    this.#listener.gap({ since, until: Date.now() });
  }
}

type Redirect = { readonly kind: "MOVED" | "ASK"; readonly target: string } | { readonly kind: "TRYAGAIN" };

/** Returns what a node has answered instead of running a command; the address is `host:port`. */
function redirectOf(error: unknown): Redirect | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.message.startsWith("TRYAGAIN")) return { kind: "TRYAGAIN" };
  const [, kind, target] = /^(MOVED|ASK) \d+ (\S+:\d+)/.exec(error.message) ?? [];
  return target === undefined ? undefined : { kind: kind === "ASK" ? "ASK" : "MOVED", target };
}
