import { CommandConnection } from "../connection/command-connection.ts";
import { FirstConnection } from "../connection/first-connection.ts";
import type { ConnectionTiming } from "../connection/heartbeat.ts";
import type { RedisHost } from "../connection/redis-host.ts";
import { SubscriberConnection, type SubscriberListener } from "../connection/subscriber-connection.ts";
import { HistoryServer } from "../history/history-server.ts";
import { PUBSUB_HISTORY_SCRIPTS } from "../history/pubsub-history.ts";

/** One node of a cluster: a command connection, and a subscriber connection once there is a topic to subscribe to. */
export class ClusterNode {
  readonly key: string;
  readonly commands: CommandConnection;
  readonly history: HistoryServer;
  readonly #host: RedisHost;
  readonly #listener: SubscriberListener;
  readonly #timing: ConnectionTiming;
  #subscriber: SubscriberConnection | undefined;
  #first: FirstConnection | undefined;

  constructor(key: string, host: RedisHost, listener: SubscriberListener, timing: ConnectionTiming) {
    this.key = key;
    this.#host = host;
    this.#listener = listener;
    this.#timing = timing;
    this.commands = new CommandConnection(host, timing);
    this.history = new HistoryServer(this.commands, PUBSUB_HISTORY_SCRIPTS);
  }

  /** The subscriber connection, opened on first use. */
  get subscriber(): SubscriberConnection {
    if (this.#subscriber !== undefined) return this.#subscriber;
    const first = new FirstConnection(this.#timing.connectTimeoutMs);
    const listener: SubscriberListener = {
      ...this.#listener,
      restored: (lostAt) => {
        first.succeed();
        this.#listener.restored(lostAt);
      },
      failed: (error) => first.reportError(error),
    };
    this.#first = first;
    this.#subscriber = new SubscriberConnection(this.#host, listener, this.#timing, { sharded: true });
    return this.#subscriber;
  }

  /** Resolves when the subscriber has connected for the first time; rejects when that takes too long. */
  async subscriberReady(): Promise<void> {
    await this.#first?.wait();
  }

  /** Whether it is connected and all of its subscriptions are active. */
  get isHealthy(): boolean {
    return this.commands.isReady && (this.#subscriber === undefined || this.#subscriber.isRestored);
  }

  unsubscribe(topic: string): void {
    this.#subscriber?.unsubscribe(topic);
  }

  /** Returns the slots of the cluster as this node knows them: first and last slot, and the address of their master. */
  async fetchSlotRanges(): Promise<readonly SlotRange[]> {
    const reply = (await this.commands.redis.cluster("SLOTS")) as readonly unknown[];
    return reply.map((entry) => {
      const [first, last, master] = entry as readonly [number, number, readonly unknown[]];
      const host = String(master[0] ?? "");
      // A node that does not know its own address leaves it out: it is this node.
      const address = host === "" || host === "?" ? this.key.slice(0, this.key.lastIndexOf(":")) : host;
      return { first, last, key: `${address}:${String(master[1])}` };
    });
  }

  async close(): Promise<void> {
    this.#first?.close();
    await Promise.all([this.commands.close(), this.#subscriber?.close()]);
  }
}

export interface SlotRange {
  readonly first: number;
  readonly last: number;
  /** `host:port`. */
  readonly key: string;
}
