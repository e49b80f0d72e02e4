import type { LayerGap } from "@multichat/channels/layer";
import { CommandConnection } from "../connection/command-connection.ts";
import { FirstConnection } from "../connection/first-connection.ts";
import type { ConnectionTiming } from "../connection/heartbeat.ts";
import type { RedisHost } from "../connection/redis-host.ts";
import { SubscriberConnection } from "../connection/subscriber-connection.ts";

/** Whom a link tells what it hears. */
export interface PubSubListener {
  message(topic: string, bytes: Buffer): void;
  /** Every subscription is whole again after the server was away (L11). */
  gap(gap: LayerGap): void;
  /** The server does not let this process hear a topic; it is given up. */
  refused(topic: string, error: Error): void;
}

/** One way to publish to and hear topics of one Redis: a server, or a cluster. */
export interface PubSubConnection {
  /** Resolves at the first connection; rejects when there is none within the time that the layer allows. */
  ready(): Promise<void>;
  /** @returns how many connections heard it. Rejects while the server is away: nothing is kept for later. */
  publish(topic: string, bytes: Buffer): Promise<number>;
  /**
   * Resolves when the server has confirmed; rejects when it refuses, or there was no first connection in time. While
   * the server is away it resolves at once: the subscription is made with all others when the server is back, and the
   * gap is told then.
   */
  subscribe(topic: string): Promise<void>;
  unsubscribe(topic: string): void;
  /** Whether the topic is wanted: a message of one that is not was under way when it ended. */
  isSubscribed(topic: string): boolean;
  /** Hears every topic that begins with this. Never ended but by `close`. */
  subscribePrefix(prefix: string): Promise<void>;
  close(): Promise<void>;
}

/** A link to one server by SUBSCRIBE: a connection that hears and one that speaks. */
export class ServerConnection implements PubSubConnection {
  readonly commands: CommandConnection;
  readonly #subscriber: SubscriberConnection;
  readonly #listener: PubSubListener;
  readonly #first: FirstConnection;
  /** Since when messages may be missing, until everybody has been told. */
  #gapSince: number | undefined;

  constructor(host: RedisHost, listener: PubSubListener, timing: ConnectionTiming) {
    this.#listener = listener;
    this.#first = new FirstConnection(timing.connectTimeoutMs);
    this.commands = new CommandConnection(host, timing);
    this.commands.redis.on("error", (error: Error) => this.#first.reportError(error));
    this.commands.redis.on("ready", () => this.#reportGap());
    this.#subscriber = new SubscriberConnection(
      host,
      {
        message: (topic, bytes) => listener.message(topic, bytes),
        restored: (lostAt) => {
          this.#gapSince ??= lostAt;
          this.#reportGap();
        },
        failed: (error) => this.#first.reportError(error),
        refused: (topic, error) => listener.refused(topic, error),
      },
      timing,
    );
  }

  async ready(): Promise<void> {
    await this.#first.wait();
  }

  /** Whether there was a connection once. */
  get hasConnected(): boolean {
    return this.#first.isEstablished;
  }

  async publish(topic: string, bytes: Buffer): Promise<number> {
    if (!this.#first.isEstablished) await this.#first.wait();
    return await this.commands.corked.publish(topic, bytes);
  }

  async subscribe(topic: string): Promise<void> {
    const told = this.#subscriber.subscribe(topic);
    if (!this.#first.isEstablished) await this.#first.wait();
    await told;
  }

  unsubscribe(topic: string): void {
    this.#subscriber.unsubscribe(topic);
  }

  isSubscribed(topic: string): boolean {
    return this.#subscriber.isSubscribed(topic);
  }

  async subscribePrefix(prefix: string): Promise<void> {
    const told = this.#subscriber.subscribePattern(`${prefix.replace(/[*?[\]\\]/g, "\\$&")}*`);
    if (!this.#first.isEstablished) await this.#first.wait();
    await told;
  }

  async close(): Promise<void> {
    this.#first.close();
    await Promise.all([this.commands.close(), this.#subscriber.close()]);
  }

  /** Both must be there: who hears of a gap asks, and is answered. A lost speaker alone leaves no gap. */
  #reportGap(): void {
    if (!this.#subscriber.isRestored || !this.commands.isReady) return;
    if (!this.#first.isEstablished && this.#first.succeed()) this.#gapSince ??= this.#first.startedAt;
    const since = this.#gapSince;
    if (since === undefined) return;
    this.#gapSince = undefined;
    this.#listener.gap({ since, until: Date.now() });
  }
}
