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

/** An event for some queues. */
export interface QueuedEvent {
  readonly message: LayerMessage;
  readonly except: string | undefined;
  readonly score: string;
  /** Those for whom the queues were chosen; undefined adds the event in any case. */
  readonly members: readonly Buffer[] | undefined;
  readonly queues: readonly string[];
  /** For each queue what the script takes, without the message. */
  readonly bounds: readonly (readonly (string | number)[])[];
  /** For each queue the message with its recipients. */
  readonly copies: readonly LayerMessage[];
}

/** What has become of an event. */
export type QueuedOutcome =
  | { readonly isSent: true; readonly position: GroupPosition; readonly full: readonly number[] }
  /** Nothing was done, since the group has other members by now. */
  | { readonly isSent: false; readonly members: readonly Buffer[] };

/** The histories of a queue layer's groups, on its only server. */
export class QueueHistory {
  readonly #options: QueueHistoryOptions;

  constructor(options: QueueHistoryOptions) {
    this.#options = options;
  }

  /** Numbers and keeps an event, and adds it to the queues. */
  async send(
    group: string,
    { size, ttlMs }: HistorySettings,
    { message, except, score, members, queues, bounds, copies }: QueuedEvent,
  ): Promise<QueuedOutcome> {
    const { codec, numberingTtlMs, server, keys: names } = this.#options;
    const event = codec.encode(except === undefined ? message : { ...message, [EXCEPT_KEY]: except });
    const perQueue = copies.flatMap((copy, index) => [...(bounds[index] ?? []), codec.encode(copy)]);
    const keys = [...this.#keys(group), names.group(group), ...queues];
    const reply = (await server.run(groupSendCommand, keys, (runId) => [
      newEpoch(),
      runId,
      event,
      size,
      ttlMs,
      numberingTtlMs,
      score,
      members === undefined ? "" : digestOf(members),
      ...perQueue,
    ])) as readonly [0, readonly Buffer[]] | readonly [Buffer, number, readonly number[]];
    if (reply[0] === 0) return { isSent: false, members: reply[1] };
    const [epoch, offset, full] = reply;
    return { isSent: true, position: toPosition([epoch, offset]), full };
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

/** Names contain no space. */
function digestOf(members: readonly Buffer[]): string {
  const hash = createHash("sha1");
  for (const [index, member] of members.entries()) hash.update(index === 0 ? "" : " ").update(member);
  return hash.digest("hex");
}

/** Returns the position of a queued message, whose bytes begin with it. */
export function readPosition(group: string, bytes: Buffer): EventPosition {
  const epoch = bytes.toString("hex", OFFSET_BYTES, PREFIX_BYTES);
  return Object.freeze({ group, epoch, offset: bytes.readUIntBE(0, OFFSET_BYTES) });
}
