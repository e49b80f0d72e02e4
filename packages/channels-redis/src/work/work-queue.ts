import { checkChannelName } from "@multichat/channels/layer";
import type { ConnectionTiming } from "../connection/heartbeat.ts";
import type { RedisHost } from "../connection/redis-host.ts";
import type { RedisScript } from "../connection/redis-script.ts";
import { SubscriberConnection } from "../connection/subscriber-connection.ts";
import type { ClaimedMessage } from "./claimed-message.ts";
import { DEAD_LETTER_SCRIPTS, type DeadLetter, DeadLetters } from "./dead-letters.ts";
import { CLAIM_SCRIPTS, WorkChannel } from "./work-channel.ts";
import type { WorkContext } from "./work-context.ts";

/** The scripts to load before a server is used. */
export const WORK_SCRIPTS: readonly RedisScript[] = [...CLAIM_SCRIPTS, ...DEAD_LETTER_SCRIPTS];

/** The number of channels above which idle ones are forgotten. */
const MAX_CHANNELS = 1_000;

/** Acknowledged work on the channels of one queue layer. */
export class WorkQueue {
  readonly #context: WorkContext;
  readonly #hosts: readonly RedisHost[];
  readonly #timing: ConnectionTiming;
  readonly #channels = new Map<string, WorkChannel>();
  readonly #deadLetters: DeadLetters;
  /** Receive the announcements of new work; opened on first use, because most processes do no work. */
  #subscribers: readonly SubscriberConnection[] = [];
  #isClosed = false;

  constructor(context: WorkContext, hosts: readonly RedisHost[], timing: ConnectionTiming) {
    this.#context = context;
    this.#hosts = hosts;
    this.#timing = timing;
    this.#deadLetters = new DeadLetters(context);
  }

  async take(channel: string, signal?: AbortSignal): Promise<ClaimedMessage> {
    checkChannelName(channel);
    return await this.#channelOf(channel).take(signal);
  }

  async deadLetters(channel: string, limit: number): Promise<readonly DeadLetter[]> {
    checkChannelName(channel);
    return await this.#deadLetters.list(channel, limit);
  }

  /** @returns how many of the dead letters existed. */
  async removeDeadLetters(
    channel: string,
    ids: readonly string[],
    options: { readonly revive: boolean },
  ): Promise<number> {
    checkChannelName(channel);
    return await this.#deadLetters.remove(channel, ids, options);
  }

  async close(error: Error): Promise<void> {
    this.#isClosed = true;
    for (const channel of this.#channels.values()) channel.close(error);
    this.#channels.clear();
    await Promise.all(this.#subscribers.map((subscriber) => subscriber.close()));
  }

  #channelOf(name: string): WorkChannel {
    const existing = this.#channels.get(name);
    if (existing !== undefined) return existing;
    if (this.#channels.size >= MAX_CHANNELS) this.#forgetIdle();
    const channel = new WorkChannel(name, this.#context);
    this.#channels.set(name, channel);
    this.#openSubscribers();
    for (const subscriber of this.#subscribers) {
      // Without announcements, polling finds new messages a moment later.
      subscriber
        .subscribe(this.#context.keys.workTopic(name))
        .catch((error: unknown) => this.#context.onError(error, name));
    }
    return channel;
  }

  #forgetIdle(): void {
    for (const [name, channel] of this.#channels) {
      if (!channel.isIdle) continue;
      this.#channels.delete(name);
      for (const subscriber of this.#subscribers) subscriber.unsubscribe(this.#context.keys.workTopic(name));
    }
  }

  #openSubscribers(): void {
    if (this.#subscribers.length > 0 || this.#isClosed) return;
    this.#subscribers = this.#hosts.map((host) => this.#openSubscriber(host));
  }

  #openSubscriber(host: RedisHost): SubscriberConnection {
    const topicPrefix = this.#context.keys.workTopic("");
    const channelName = (topic: string) => topic.slice(topicPrefix.length);
    return new SubscriberConnection(
      host,
      {
        message: (topic) => this.#channels.get(channelName(topic))?.wake(),
        restored: () => {
          for (const channel of this.#channels.values()) channel.wake();
        },
        failed: () => undefined,
        refused: (topic, error) => this.#context.onError(error, channelName(topic)),
      },
      this.#timing,
    );
  }
}
