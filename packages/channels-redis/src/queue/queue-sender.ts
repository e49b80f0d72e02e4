import {
  ChannelsError,
  type DropReporter,
  type GroupPosition,
  type LayerMessage,
  type LocalChannels,
} from "@multichat/channels/layer";
import type { Codec } from "../codec/codec.ts";
import { RedisScript } from "../connection/redis-script.ts";
import type { QueueHistory } from "../history/queue-history.ts";
import { disconnectedError } from "../layer-errors.ts";
import { CHANNEL_KEY } from "../sent-message.ts";
import { HistorySender } from "./history-sender.ts";
import { type QueueBoundsContext, type QueueEntry, queueBounds } from "./queue-bounds.ts";
import type { QueueConnection, QueuedMessage } from "./queue-connection.ts";
import type { QueueConnections } from "./queue-connections.ts";
import type { QueueGroups } from "./queue-groups.ts";
import { groupByQueue, queueOf } from "./queue-keys.ts";
import { groupSendScript, putBackScript, sendScript } from "./queue-scripts.ts";

const sendCommand = new RedisScript(sendScript);
const groupSendCommand = new RedisScript(groupSendScript);
const putBackCommand = new RedisScript(putBackScript);

/** The scripts to load before a server is used. */
export const SENDER_SCRIPTS: readonly RedisScript[] = [sendCommand, groupSendCommand, putBackCommand];

export interface QueueSenderContext extends QueueBoundsContext {
  readonly connections: QueueConnections;
  readonly codec: Codec;
  readonly groups: QueueGroups;
  readonly local: LocalChannels;
  /** Undefined where no group has a history. */
  readonly history: QueueHistory | undefined;
  readonly drops: DropReporter;
  readonly maxGroupSends: number;
}

interface Target {
  readonly channel: string;
  readonly group?: string;
}

/** Adds messages to queues on the servers. */
export class QueueSender {
  readonly #context: QueueSenderContext;
  #lastScore = 0;
  /** Undefined where no group has a history. */
  readonly #historySender: HistorySender | undefined;

  constructor(context: QueueSenderContext) {
    this.#context = context;
    const { history } = context;
    this.#historySender = history && new HistorySender({ ...context, history, nextScore: () => this.#nextScore() });
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

  async groupSend(
    group: string,
    message: LayerMessage,
    except: string | undefined,
  ): Promise<GroupPosition | undefined> {
    const { connections, options } = this.#context;
    const settings = options.historyOf?.(group);
    if (settings !== undefined && this.#historySender !== undefined) {
      return await this.#historySender.send(group, settings, message, except);
    }
    const queues = groupByQueue(await this.#membersOf(group, message.type), except);
    if (queues.size === 0) return undefined;
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
    return undefined;
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
    const { keys, codec } = this.#context;
    const values: (string | number | Buffer)[] = [score];
    for (const entry of entries) {
      values.push(...queueBounds(this.#context, entry), codec.encode({ ...message, [CHANNEL_KEY]: entry[1] }));
    }
    const scriptKeys = entries.map(([queue]) => keys.queue(queue));
    const full = (await this.#run(connection, { channel: "", group }, message.type, () =>
      groupSendCommand.run(connection.commands.corked, scriptKeys, values),
    )) as number[];
    this.#reportFull(full, entries, group, message.type);
  }

  async #membersOf(group: string, type: string): Promise<readonly Buffer[]> {
    const { connections, groups, local } = this.#context;
    const home = connections.of(group);
    const members = await this.#run(home, { channel: "", group }, type, () => groups.members(home, group));
    local.expireMembers(group);
    return members;
  }

  #reportFull(full: readonly number[], entries: readonly QueueEntry[], group: string, type: string): void {
    for (const index of full) {
      for (const channel of entries[index - 1]?.[1] ?? []) {
        this.#context.drops.report({ channel, group, reason: "capacity", type });
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
