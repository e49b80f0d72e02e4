import {
  checkHistoryOptions,
  type GroupEvent,
  type GroupHistory,
  type GroupHistoryOptions,
  type GroupPosition,
  type HistoryGapReason,
  type HistorySettings,
  historyGap,
  type LayerMessage,
  newEpoch,
} from "@multichat/channels/layer";
import type { Codec } from "../codec/codec.ts";
import { RedisScript } from "../connection/redis-script.ts";
import { takeException } from "../sent-message.ts";
import { readScript } from "./history-scripts.ts";
import type { ScriptValues } from "./history-server.ts";

/** The script that reads a history, with the keys and values of `historyValues`. */
export const readCommand = new RedisScript(readScript);

/** Whether a message of the history is returned. */
export type MessageFilter = (message: LayerMessage) => boolean;

/** Returns the values of `readScript`. @throws InvalidOption. */
export function readValues(
  { size, ttlMs }: HistorySettings,
  numberingTtlMs: number,
  options: GroupHistoryOptions,
): ScriptValues {
  const limit = checkHistoryOptions(options);
  const { epoch, offset } = options.since ?? { epoch: "", offset: 0 };
  return (runId) => [newEpoch(), runId, size, ttlMs, numberingTtlMs, limit, epoch, offset];
}

/** Parses the reply of `readScript`. */
export function toGroupHistory(reply: unknown, codec: Codec, isAccepted: MessageFilter): GroupHistory {
  const [reason, epoch, last, entries] = reply as [Buffer, Buffer, number, readonly [Buffer, readonly Buffer[]][]];
  const position = toPosition([epoch, last]);
  if (reason.length > 0) return historyGap(reason.toString() as HistoryGapReason, position);
  const events: GroupEvent[] = [];
  for (const [, fields] of entries.toReversed()) {
    const [, offset, , bytes] = fields;
    const decoded = bytes && codec.decode(bytes);
    if (decoded === undefined) return historyGap("unreadable", position);
    const { message, except } = takeException(decoded);
    if (!isAccepted(message)) continue;
    const event = { message, offset: Number(offset) };
    events.push(Object.freeze(except === undefined ? event : { ...event, except }));
  }
  return { recovered: true, position, events };
}

/** Parses the reply of a script that has numbered an event. */
export function toPosition(reply: unknown): GroupPosition {
  const [epoch, offset] = reply as readonly [Buffer, number];
  return { epoch: epoch.toString(), offset };
}
