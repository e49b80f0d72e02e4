import { CommandConnection } from "../connection/command-connection.ts";
import { deleteKeys } from "../connection/delete-keys.ts";
import { FirstConnection } from "../connection/first-connection.ts";
import type { ConnectionTiming } from "../connection/heartbeat.ts";
import type { RedisHost } from "../connection/redis-host.ts";
import type { RedisScript } from "../connection/redis-script.ts";
import { SubscriberConnection } from "../connection/subscriber-connection.ts";
import { HistoryServer, type ScriptValues } from "../history/history-server.ts";
import { PUBSUB_HISTORY_SCRIPTS } from "../history/pubsub-history.ts";
import type { PubSubConnection, PubSubListener } from "./pubsub-connection.ts";

/** Pub/sub with one server: a command connection and a subscriber connection. */
export class ServerConnection implements PubSubConnection {
  readonly commands: CommandConnection;
  readonly #subscriber: SubscriberConnection;
  readonly #listener: PubSubListener;
  readonly #first: FirstConnection;
  readonly #history: HistoryServer;
  /** When messages may have begun to be missing; undefined once the gap is reported. */
  #gapSince: number | undefined;

  constructor(host: RedisHost, listener: PubSubListener, timing: ConnectionTiming) {
    this.#listener = listener;
    this.#first = new FirstConnection(timing.connectTimeoutMs);
    this.commands = new CommandConnection(host, timing);
    this.#history = new HistoryServer(this.commands, PUBSUB_HISTORY_SCRIPTS);
    this.commands.redis.on("error", (error: Error) => this.#first.reportError(error));
    this.commands.redis.on("ready", () => this.#completeRecovery());
    this.#subscriber = new SubscriberConnection(
      host,
      {
        message: (topic, bytes) => listener.message(topic, bytes),
        restored: (lostAt) => {
          this.#gapSince ??= lostAt;
          this.#completeRecovery();
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

  /** Whether there has ever been a connection. */
  get hasConnected(): boolean {
    return this.#first.isEstablished;
  }

  /** Not asynchronous itself: each message would pay for another promise. */
  publish(topic: string, bytes: Buffer): Promise<number> {
    return this.#first.isEstablished ? this.commands.corked.publish(topic, bytes) : this.#publishLater(topic, bytes);
  }

  async #publishLater(topic: string, bytes: Buffer): Promise<number> {
    await this.#first.wait();
    return await this.commands.corked.publish(topic, bytes);
  }

  async countSubscribers(topic: string): Promise<number> {
    if (!this.#first.isEstablished) await this.#first.wait();
    const [, count] = (await this.commands.corked.pubsub("NUMSUB", topic)) as readonly unknown[];
    return Number(count);
  }

  async runScript(
    _topic: string,
    script: RedisScript,
    keys: readonly string[],
    values: ScriptValues,
  ): Promise<unknown> {
    if (!this.#first.isEstablished) await this.#first.wait();
    return await this.#history.run(script, keys, values);
  }

  async deleteKeys(pattern: string): Promise<void> {
    if (!this.#first.isEstablished) await this.#first.wait();
    await deleteKeys(this.commands.redis, pattern);
  }

  async subscribe(topic: string): Promise<void> {
    const confirmation = this.#subscriber.subscribe(topic);
    if (!this.#first.isEstablished) await this.#first.wait();
    await confirmation;
  }

  unsubscribe(topic: string): void {
    this.#subscriber.unsubscribe(topic);
  }

  isSubscribed(topic: string): boolean {
    return this.#subscriber.isSubscribed(topic);
  }

  async subscribePrefix(prefix: string): Promise<void> {
    const confirmation = this.#subscriber.subscribePattern(`${prefix.replace(/[*?[\]\\]/g, "\\$&")}*`);
    if (!this.#first.isEstablished) await this.#first.wait();
    await confirmation;
  }

  async close(): Promise<void> {
    this.#first.close();
    await Promise.all([this.commands.close(), this.#subscriber.close()]);
  }

  /**
   * Reports the gap once both connections are there: listeners answer a gap with commands. Losing the command
   * connection alone leaves no gap.
   */
  #completeRecovery(): void {
    if (!this.#subscriber.isRestored || !this.commands.isReady) return;
    if (!this.#first.isEstablished && this.#first.succeed().isLate) this.#gapSince ??= this.#first.startedAt;
    const since = this.#gapSince;
    if (since === undefined) return;
    this.#gapSince = undefined;
    this.#listener.gap({ since, until: Date.now() });
  }
}
