import {
  ChannelsError,
  type DropReporter,
  type GroupPosition,
  type HistorySettings,
  type LayerMessage,
  type LocalChannels,
  type ResolvedLayerOptions,
} from "@multichat/channels/layer";
import type { Codec } from "../codec/codec.ts";
import { RedisScript } from "../connection/redis-script.ts";
import type { QueueHistory } from "../history/queue-history.ts";
import { disconnectedError } from "../layer-errors.ts";
import { CHANNEL_KEY, HISTORY_KEY } from "../sent-message.ts";
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
  /** Undefined where no group has a history. */
  readonly history: QueueHistory | undefined;
  readonly drops: DropReporter;
}

interface Target {
  readonly channel: string;
  readonly group?: string;
}

/**
 * How often the queues are chosen again because the members have changed meanwhile. After that the event is sent to those of the
 * last time: a group that more and more channels join must not keep it waiting for ever.
 */
const MAX_MEMBER_CHANGES = 8;

type QueueEntry = readonly [queue: string, channels: readonly string[]];

/** Adds messages to queues on the servers. */
export class QueueSender {
  readonly #context: QueueSenderContext;
  #lastScore = 0;
  /** For each group with a history, the end of the last send: one that is repeated must not be overtaken (L4). */
  readonly #turns = new Map<string, Promise<void>>();

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

  async groupSend(
    group: string,
    message: LayerMessage,
    except: string | undefined,
  ): Promise<GroupPosition | undefined> {
    const { connections, options } = this.#context;
    const settings = options.historyOf?.(group);
    if (settings !== undefined) {
      return await this.#inTurn(group, () => this.#sendWithHistory(group, settings, message, except));
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
      values.push(...this.#boundsOf(entry), codec.encode({ ...message, [CHANNEL_KEY]: entry[1] }));
    }
    const scriptKeys = entries.map(([queue]) => keys.queue(queue));
    const full = (await this.#run(connection, { channel: "", group }, message.type, () =>
      groupSendCommand.run(connection.commands.corked, scriptKeys, values),
    )) as number[];
    this.#reportFull(full, entries, group, message.type);
  }

  /** The history and all queues are on one server, so that one script numbers the event and adds it. */
  async #sendWithHistory(
    group: string,
    settings: HistorySettings,
    message: LayerMessage,
    except: string | undefined,
  ): Promise<GroupPosition> {
    const { connections, keys, history } = this.#context;
    const home = connections.of(group);
    let members = await this.#membersOf(group, message.type);
    for (let changes = 0; ; changes += 1) {
      const entries = [...groupByQueue(members, except)];
      const event = {
        message,
        except,
        score: this.#nextScore(),
        members: changes < MAX_MEMBER_CHANGES ? members : undefined,
        queues: entries.map(([queue]) => keys.queue(queue)),
        bounds: entries.map((entry) => this.#boundsOf(entry)),
        copies: entries.map(([, channels]) => ({ ...message, [CHANNEL_KEY]: channels, [HISTORY_KEY]: group })),
      };
      const outcome = await this.#run(home, { channel: "", group }, message.type, () => {
        if (history === undefined) throw new Error("Expected a layer with histories.");
        return history.send(group, settings, event);
      });
      if (outcome.isSent) {
        this.#reportFull(outcome.full, entries, group, message.type);
        return outcome.position;
      }
      members = outcome.members;
    }
  }

  async #membersOf(group: string, type: string): Promise<readonly Buffer[]> {
    const { connections, groups, local } = this.#context;
    const home = connections.of(group);
    const members = await this.#run(home, { channel: "", group }, type, () => groups.members(home, group));
    local.expireMembers(group);
    return members;
  }

  /** Runs sends to a group one after another. */
  async #inTurn<T>(group: string, send: () => Promise<T>): Promise<T> {
    const sending = this.#turns.get(group)?.then(send) ?? send();
    const turn = sending.then(noop, noop);
    this.#turns.set(group, turn);
    try {
      return await sending;
    } finally {
      if (this.#turns.get(group) === turn) this.#turns.delete(group);
    }
  }

  /** What the scripts take for a queue, but for the message. */
  #boundsOf([queue, channels]: QueueEntry): readonly (string | number)[] {
    const { keys, expiry, options, inboxCapacity } = this.#context;
    const isNamed = queue === channels[0];
    return [
      expiry.cutoff(queue),
      expiry.seconds(queue),
      isNamed ? options.capacityOf(queue) : inboxCapacity,
      isNamed ? keys.workTopic(queue) : "",
    ];
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

function noop(): void {}
