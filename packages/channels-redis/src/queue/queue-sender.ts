import {
  ChannelsError,
  type DropReporter,
  type LayerMessage,
  type LocalChannels,
  type ResolvedLayerOptions,
} from "@multichat/channels/layer";
import type { Codec } from "../codec/codec.ts";
import { RedisScript } from "../connection/redis-script.ts";
import { disconnectedError } from "../layer-errors.ts";
import { CHANNEL_KEY } from "../sent-message.ts";
import type { MessageExpiry } from "./message-expiry.ts";
import type { QueueConnection, QueuedMessage } from "./queue-connection.ts";
import type { QueueConnections } from "./queue-connections.ts";
import type { QueueGroups } from "./queue-groups.ts";
import { groupByQueue, type QueueKeys, queueOf } from "./queue-keys.ts";
import { groupSendScript, putBackScript, sendScript } from "./queue-scripts.ts";

const sendCommand = new RedisScript(sendScript);
const groupSendCommand = new RedisScript(groupSendScript);
const putBackCommand = new RedisScript(putBackScript);

/** The scripts to load before a server is used. */
export const SENDER_SCRIPTS: readonly RedisScript[] = [sendCommand, groupSendCommand, putBackCommand];

export interface QueueSenderContext {
  readonly connections: QueueConnections;
  readonly keys: QueueKeys;
  readonly codec: Codec;
  readonly expiry: MessageExpiry;
  readonly options: ResolvedLayerOptions;
  readonly inboxCapacity: number;
  readonly groups: QueueGroups;
  readonly local: LocalChannels;
  readonly drops: DropReporter;
}

interface Target {
  readonly channel: string;
  readonly group?: string;
}

type QueueEntry = readonly [queue: string, channels: readonly string[]];

/** Adds messages to queues on the servers. */
export class QueueSender {
  readonly #context: QueueSenderContext;
  #lastScore = 0;

  constructor(context: QueueSenderContext) {
    this.#context = context;
  }

  async send(channel: string, message: LayerMessage): Promise<void> {
    const { connections, keys, codec, expiry, options, inboxCapacity, drops } = this.#context;
    const queue = queueOf(channel);
    const isNamed = queue === channel;
    const capacity = isNamed ? options.capacityOf(channel) : inboxCapacity;
    const bytes = codec.encode(isNamed ? message : { ...message, [CHANNEL_KEY]: channel });
    const connection = isNamed ? connections.next() : connections.of(queue);
    // Messages that wait for a retry count towards the channel's capacity.
    const scriptKeys = isNamed ? [keys.queue(queue), keys.retries(channel)] : [keys.queue(queue)];
    const topic = isNamed ? [keys.workTopic(channel)] : [];
    const added = await this.#run(connection, { channel }, message.type, () =>
      sendCommand.run(connection.commands.corked, scriptKeys, [
        expiry.cutoff(queue),
        capacity,
        bytes,
        this.#nextScore(),
        expiry.seconds(queue),
        ...topic,
      ]),
    );
    if (added === 1) return;
    drops.report({ channel, reason: "capacity", type: message.type });
    throw new ChannelsError("ChannelFull", { channel, capacity });
  }

  async groupSend(group: string, message: LayerMessage, except: string | undefined): Promise<void> {
    const { connections, groups, local } = this.#context;
    const home = connections.of(group);
    const members = await this.#run(home, { channel: "", group }, message.type, () => groups.members(home, group));
    local.expireMembers(group);
    const queues = groupByQueue(members, except);
    if (queues.size === 0) return;
    // One score for all: every member receives messages in the order in which they were sent (L4).
    const score = this.#nextScore();
    const byConnection = new Map<QueueConnection, QueueEntry[]>();
    for (const entry of queues) {
      const connection = connections.of(entry[0]);
      const entries = byConnection.get(connection);
      if (entries === undefined) byConnection.set(connection, [entry]);
      else entries.push(entry);
    }
    await Promise.all(
      [...byConnection].map(([connection, entries]) => this.#addToQueues(connection, entries, message, score, group)),
    );
  }

  /** Puts back a message that was read for a reader who has left, so that the next reader of any process gets it. */
  putBack(connection: QueueConnection, { key, bytes, score }: QueuedMessage): Promise<unknown> {
    const { expiry, keys } = this.#context;
    return putBackCommand.run(connection.commands.corked, [key], [score, bytes, expiry.seconds(keys.queueName(key))]);
  }

  async #addToQueues(
    connection: QueueConnection,
    entries: readonly QueueEntry[],
    message: LayerMessage,
    score: string,
    group: string,
  ): Promise<void> {
    const { keys, codec, expiry, options, inboxCapacity, drops } = this.#context;
    const values: (string | number | Buffer)[] = [score];
    for (const [queue, channels] of entries) {
      const isNamed = queue === channels[0];
      values.push(expiry.cutoff(queue), expiry.seconds(queue));
      values.push(isNamed ? options.capacityOf(queue) : inboxCapacity);
      values.push(isNamed ? keys.workTopic(queue) : "");
      values.push(codec.encode({ ...message, [CHANNEL_KEY]: channels }));
    }
    const scriptKeys = entries.map(([queue]) => keys.queue(queue));
    const full = (await this.#run(connection, { channel: "", group }, message.type, () =>
      groupSendCommand.run(connection.commands.corked, scriptKeys, values),
    )) as number[];
    for (const index of full) {
      for (const channel of entries[index - 1]?.[1] ?? []) {
        drops.report({ channel, group, reason: "capacity", type: message.type });
      }
    }
  }

  async #run<T>(connection: QueueConnection, target: Target, type: string, command: () => Promise<T>): Promise<T> {
    try {
      await connection.ready();
      return await command();
    } catch (error) {
      this.#context.drops.report({ ...target, reason: "disconnected", type });
      throw disconnectedError(error);
    }
  }

  /** Returns the time in seconds, as Python writes it, but never the same twice: scores keep the order of sending. */
  #nextScore(): string {
    this.#lastScore = Math.max(this.#context.options.clock.now() / 1_000, this.#lastScore + 0.000_002);
    return this.#lastScore.toFixed(6);
  }
}
