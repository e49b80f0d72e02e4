import { checkChannelName, type LayerMessage } from "@multichat/channels/layer";
import type { ConnectionTiming } from "../connection/heartbeat.ts";
import type { RedisHost } from "../connection/redis-host.ts";
import { RedisScript } from "../connection/redis-script.ts";
import { SubscriberConnection } from "../connection/subscriber-connection.ts";
import { disconnectedError } from "../layer-errors.ts";
import type { QueueConnection } from "../queue/queue-connection.ts";
import {
  type ClaimedMessage,
  claimCommand,
  renewClaimsCommand,
  settleCommand,
  WorkChannel,
  type WorkContext,
} from "./work-channel.ts";
import { deadLettersScript, removeDeadLetterScript } from "./work-scripts.ts";

/** A message that had its tries, or that nobody could read. */
export interface DeadLetter {
  /** By which it can be put back or taken away. */
  readonly id: string;
  /** Undefined where it could not be read. */
  readonly message: LayerMessage | undefined;
  readonly attempts: number;
  /** Why its last try failed. */
  readonly reason: string;
  /** Milliseconds since the epoch at which it was given up. */
  readonly at: number;
}

const deadLettersCommand = new RedisScript(deadLettersScript);
const removeDeadLetterCommand = new RedisScript(removeDeadLetterScript);

/** What a link must know before acknowledged work can be done. */
export const WORK_SCRIPTS: readonly RedisScript[] = [
  claimCommand,
  settleCommand,
  renewClaimsCommand,
  deadLettersCommand,
  removeDeadLetterCommand,
];

/** Bytes at the beginning of a queued message that no other has. */
const ID_BYTES = 12;
/** Channels beyond which those that nobody works on are forgotten. */
const MAX_CHANNELS = 1_000;

/** Acknowledged work on the channels of one queue layer. */
export class WorkQueue {
  readonly #context: WorkContext;
  readonly #hosts: readonly RedisHost[];
  readonly #timing: ConnectionTiming;
  readonly #channels = new Map<string, WorkChannel>();
  /** Hears of new messages; opened by the first who waits for one, as most processes never do. */
  #subscribers: readonly SubscriberConnection[] = [];
  #isClosed = false;

  constructor(context: WorkContext, hosts: readonly RedisHost[], timing: ConnectionTiming) {
    this.#context = context;
    this.#hosts = hosts;
    this.#timing = timing;
  }

  async take(channel: string, signal?: AbortSignal): Promise<ClaimedMessage> {
    checkChannelName(channel);
    return await this.#channelFor(channel).take(signal);
  }

  async deadLetters(channel: string, limit: number): Promise<readonly DeadLetter[]> {
    checkChannelName(channel);
    const letters: DeadLetter[] = [];
    for (const link of this.#context.connections) {
      for (const { bytes, at, attemptsAndReason: why } of await this.#readDeadLetters(link, channel, limit)) {
        const space = why.indexOf(" ");
        letters.push({
          id: idOf(bytes),
          message: this.#context.codec.decode(bytes),
          attempts: Number(why.slice(0, space)),
          reason: why.slice(space + 1),
          at,
        });
      }
    }
    return letters.toSorted((one, other) => other.at - one.at).slice(0, limit);
  }

  /** @returns how many of them there were. */
  async removeDeadLetters(channel: string, ids: readonly string[], how: "back" | "away"): Promise<number> {
    checkChannelName(channel);
    const { options, keysOf, topicOf, connections: links } = this.#context;
    const wanted = new Set(ids);
    let found = 0;
    for (const link of links) {
      for (const { bytes } of await this.#readDeadLetters(link, channel, options.maxDeadLetters)) {
        if (!wanted.has(idOf(bytes))) continue;
        const done = await atServer(link, () =>
          removeDeadLetterCommand.run(link.commands.corked, keysOf(channel), [
            bytes,
            how,
            Math.ceil(options.keepMs / 1_000),
            topicOf(channel),
          ]),
        );
        if (done === 1) found += 1;
      }
    }
    return found;
  }

  async close(error: Error): Promise<void> {
    this.#isClosed = true;
    for (const channel of this.#channels.values()) channel.close(error);
    this.#channels.clear();
    await Promise.all(this.#subscribers.map((hearer) => hearer.close()));
  }

  #channelFor(name: string): WorkChannel {
    let channel = this.#channels.get(name);
    if (channel !== undefined) return channel;
    if (this.#channels.size >= MAX_CHANNELS) this.#forgetIdle();
    channel = new WorkChannel(name, this.#context);
    this.#channels.set(name, channel);
    if (this.#subscribers.length === 0 && !this.#isClosed)
      this.#subscribers = this.#hosts.map((host) => this.#openSubscriber(host));
    for (const hearer of this.#subscribers) {
      // Without its word, new messages are found a moment later by looking.
      hearer.subscribe(this.#context.topicOf(name)).catch((error: unknown) => this.#context.onError(error, name));
    }
    return channel;
  }

  #forgetIdle(): void {
    for (const [name, channel] of this.#channels) {
      if (!channel.isIdle) continue;
      this.#channels.delete(name);
      for (const hearer of this.#subscribers) hearer.unsubscribe(this.#context.topicOf(name));
    }
  }

  #openSubscriber(host: RedisHost): SubscriberConnection {
    const wakeAll = () => {
      for (const channel of this.#channels.values()) channel.wake();
    };
    const beginning = this.#context.topicOf("");
    return new SubscriberConnection(
      host,
      {
        message: (topic) => this.#channels.get(topic.slice(beginning.length))?.wake(),
        restored: wakeAll,
        failed: () => undefined,
        refused: (topic, error) => this.#context.onError(error, topic.slice(beginning.length)),
      },
      this.#timing,
    );
  }

  async #readDeadLetters(link: QueueConnection, channel: string, limit: number): Promise<readonly RawDeadLetter[]> {
    const [, , , , letters, reasons] = this.#context.keysOf(channel);
    const reply = (await atServer(link, () =>
      deadLettersCommand.run(link.commands.corked, [letters ?? "", reasons ?? ""], [limit]),
    )) as Buffer[];
    const found: RawDeadLetter[] = [];
    for (let at = 0; at + 2 < reply.length; at += 3) {
      const [bytes, time, why] = reply.slice(at, at + 3);
      if (bytes !== undefined) found.push({ bytes, at: Number(time), attemptsAndReason: String(why) });
    }
    return found;
  }
}

interface RawDeadLetter {
  readonly bytes: Buffer;
  readonly at: number;
  readonly attemptsAndReason: string;
}

function idOf(bytes: Buffer): string {
  return bytes.subarray(0, ID_BYTES).toString("hex");
}

async function atServer<T>(link: QueueConnection, command: () => Promise<T>): Promise<T> {
  try {
    await link.ready();
    return await command();
  } catch (error) {
    throw disconnectedError(error);
  }
}
