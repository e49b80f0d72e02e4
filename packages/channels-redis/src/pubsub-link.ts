import type { LayerGap } from "@multichat/channels/layer";
import { FirstConnection } from "./first-connection.ts";
import { Hearer } from "./hearer.ts";
import type { LinkTiming } from "./heartbeat.ts";
import type { RedisHost } from "./hosts.ts";
import { Speaker } from "./speaker.ts";

/** Whom a link tells what it hears. */
export interface LinkListener {
  message(topic: string, bytes: Buffer): void;
  /** Every subscription is whole again after the server was away (L11). */
  gap(gap: LayerGap): void;
  /** The server does not let this process hear a topic; it is given up. */
  refused(topic: string, error: Error): void;
}

/** One way to publish to and hear topics of one Redis: a server, or a cluster. */
export interface PubSubLink {
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
  hears(topic: string): boolean;
  /** Hears every topic that begins with this. Never ended but by `close`. */
  subscribePrefix(prefix: string): Promise<void>;
  close(): Promise<void>;
}

/** A link to one server by SUBSCRIBE: a connection that hears and one that speaks. */
export class ServerLink implements PubSubLink {
  readonly speaker: Speaker;
  readonly #hearer: Hearer;
  readonly #listener: LinkListener;
  readonly #first: FirstConnection;
  /** Since when messages may be missing, until everybody has been told. */
  #gapSince: number | undefined;

  constructor(host: RedisHost, listener: LinkListener, timing: LinkTiming) {
    this.#listener = listener;
    this.#first = new FirstConnection(timing.connectTimeoutMs);
    this.speaker = new Speaker(host, timing);
    this.speaker.redis.on("error", (error: Error) => this.#first.failed(error));
    this.speaker.redis.on("ready", () => this.#check());
    this.#hearer = new Hearer(
      host,
      {
        message: (topic, bytes) => listener.message(topic, bytes),
        whole: (lostAt) => {
          this.#gapSince ??= lostAt;
          this.#check();
        },
        failed: (error) => this.#first.failed(error),
        refused: (topic, error) => listener.refused(topic, error),
      },
      timing,
    );
  }

  async ready(): Promise<void> {
    await this.#first.wait();
  }

  async publish(topic: string, bytes: Buffer): Promise<number> {
    if (!this.#first.made) await this.#first.wait();
    return await this.speaker.writing.publish(topic, bytes);
  }

  async subscribe(topic: string): Promise<void> {
    const told = this.#hearer.subscribe(topic);
    if (!this.#first.made) await this.#first.wait();
    await told;
  }

  unsubscribe(topic: string): void {
    this.#hearer.unsubscribe(topic);
  }

  hears(topic: string): boolean {
    return this.#hearer.wants(topic);
  }

  async subscribePrefix(prefix: string): Promise<void> {
    const told = this.#hearer.subscribePattern(`${prefix.replace(/[*?[\]\\]/g, "\\$&")}*`);
    if (!this.#first.made) await this.#first.wait();
    await told;
  }

  async close(): Promise<void> {
    this.#first.close();
    this.speaker.close();
    this.#hearer.close();
  }

  /** Both must be there: who hears of a gap asks, and is answered. A lost speaker alone leaves no gap. */
  #check(): void {
    if (!this.#hearer.whole || !this.speaker.ready) return;
    if (!this.#first.made && this.#first.succeed()) this.#gapSince ??= this.#first.since;
    const since = this.#gapSince;
    if (since === undefined) return;
    this.#gapSince = undefined;
    this.#listener.gap({ since, until: Date.now() });
  }
}
