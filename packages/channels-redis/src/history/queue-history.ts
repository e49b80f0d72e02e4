import { createHash } from "node:crypto";
import {
  type EventPosition,
  type GroupHistory,
  type GroupHistoryOptions,
  type GroupPosition,
  type HistorySettings,
  type LayerMessage,
  newEpoch,
} from "@multichat/channels/layer";
import type { Codec } from "../codec/codec.ts";
import { RedisScript } from "../connection/redis-script.ts";
import type { QueueKeys } from "../queue/queue-keys.ts";
import { EXCEPT_KEY } from "../sent-message.ts";
import { readCommand, readValues, toGroupHistory, toPosition } from "./history-reader.ts";
import { queueGroupSendScript } from "./history-scripts.ts";
import type { HistoryServer } from "./history-server.ts";

const groupSendCommand = new RedisScript(queueGroupSendScript);

/** The scripts to load before a server is used. */
export const QUEUE_HISTORY_SCRIPTS: readonly RedisScript[] = [groupSendCommand, readCommand];

/** The bytes of an offset, of the 12 that precede a queued message; the others are the epoch. */
const OFFSET_BYTES = 6;
const PREFIX_BYTES = 12;

export interface QueueHistoryOptions {
  readonly keys: QueueKeys;
  /** Without the prefix of queued messages, and without a maximum age: a history is kept for longer than a queue. */
  readonly codec: Codec;
  readonly numberingTtlMs: number;
  readonly server: HistoryServer;
}

/** Events of one group for some queues, which are added in one step and in their order. */
export interface QueuedEvents {
  /** The digest of the members for whom the queues were chosen; undefined adds the events in any case. */
  readonly digest: string | undefined;
  /** The score below which memberships have expired. */
  readonly cutoff: string;
  readonly queues: readonly string[];
  /** For each queue what the script takes, without the messages. */
  readonly bounds: readonly (readonly (string | number)[])[];
  readonly events: readonly QueuedEvent[];
}

export interface QueuedEvent {
  /** As `encode` returns it. */
  readonly bytes: Buffer;
  readonly score: string;
  /** For each queue the message with its recipients; undefined where it has none. */
  readonly copies: readonly (LayerMessage | undefined)[];
}

/** What has become of events. */
export type QueuedOutcome =
  | {
      readonly isSent: true;
      /** One for each event. */
      readonly positions: readonly GroupPosition[];
      /** The messages that found their queue full, by index. */
      readonly full: readonly { readonly event: number; readonly queue: number }[];
    }
  /** Nothing was done, since the group has other members by now. */
  | { readonly isSent: false; readonly members: readonly Buffer[] };

/** The histories of a queue layer's groups, on its only server. */
export class QueueHistory {
  readonly #options: QueueHistoryOptions;

  constructor(options: QueueHistoryOptions) {
    this.#options = options;
  }

  /** Returns an event as the history keeps it. @throws InvalidMessage. */
  encode(message: LayerMessage, except: string | undefined): Buffer {
    return this.#options.codec.encode(except === undefined ? message : { ...message, [EXCEPT_KEY]: except });
  }

  /** Numbers and keeps events, and adds them to the queues. */
  async send(
    group: string,
    { size, ttlMs }: HistorySettings,
    { digest = "", cutoff, queues, bounds, events }: QueuedEvents,
  ): Promise<QueuedOutcome> {
    const { codec, numberingTtlMs, server, keys: names } = this.#options;
    const perEvent = events.flatMap(({ bytes, score, copies }) => [
      bytes,
      score,
      ...copies.map((copy) => (copy === undefined ? "" : codec.encode(copy))),
    ]);
    const keys = [...this.#keys(group), names.group(group), ...queues];
    const reply = (await server.run(groupSendCommand, keys, (runId) => [
      newEpoch(),
      runId,
      size,
      ttlMs,
      numberingTtlMs,
      cutoff,
      digest,
      ...bounds.flat(),
      ...perEvent,
    ])) as readonly [0, readonly Buffer[]] | readonly [Buffer, number, readonly number[]];
    if (reply[0] === 0) return { isSent: false, members: reply[1] };
    const [epoch, before, indexes] = reply;
    const full: { event: number; queue: number }[] = [];
    for (let at = 0; at + 1 < indexes.length; at += 2) {
      full.push({ event: (indexes[at] ?? 0) - 1, queue: (indexes[at + 1] ?? 0) - 1 });
    }
    return { isSent: true, positions: events.map((_, index) => toPosition([epoch, before + index + 1])), full };
  }

  /** @throws InvalidOption. */
  async read(group: string, settings: HistorySettings, options: GroupHistoryOptions): Promise<GroupHistory> {
    const { codec, numberingTtlMs, server } = this.#options;
    const reply = await server.run(readCommand, this.#keys(group), readValues(settings, numberingTtlMs, options));
    return toGroupHistory(reply, codec, () => true);
  }

  #keys(group: string): readonly string[] {
    return this.#options.keys.history(group);
  }
}

/** Returns the digest of a group's members. Names contain no space. */
export function digestOf(members: readonly Buffer[]): string {
  const hash = createHash("sha1");
  for (const [index, member] of members.entries()) hash.update(index === 0 ? "" : " ").update(member);
  return hash.digest("hex");
}

/** Returns the position of a queued message, whose bytes begin with it. */
export function readPosition(group: string, bytes: Buffer): EventPosition {
  const epoch = bytes.toString("hex", OFFSET_BYTES, PREFIX_BYTES);
  return Object.freeze({ group, epoch, offset: bytes.readUIntBE(0, OFFSET_BYTES) });
}
