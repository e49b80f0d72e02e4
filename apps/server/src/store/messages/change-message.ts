import type { LogEvent, Message } from "@multichat/protocol";
import type { ActorRef } from "../actor-ref.ts";
import type { WriteContext } from "../database/context.ts";
import { findSeqByKey, storeKey } from "../event-log/idempotency-keys.ts";
import { isAtVersion, reserveSeq } from "../event-log/room-seq.ts";
import { findMessageRow } from "./find-messages.ts";
import { type SelectedMessage, toMessage } from "./message-row.ts";
import type { MessageChangeResult, MessageRef } from "./message-types.ts";
import { findReactions } from "./reactions.ts";

/** Why a change changes nothing. */
export type UnchangedMessage =
  /** The message has been in this state since this seq. */
  { readonly unchangedSince: number; readonly isRepeat?: true } | "unknown" | "conflict" | "full";

/** What a change comes to, or why it changes nothing. */
type MessageChange =
  | UnchangedMessage
  /** Writes it, with the seq of its event, and returns the event, made of the message as everyone sees it afterwards. */
  | { readonly write: (seq: number) => Promise<(message: Message) => LogEvent> };

/**
 * Changes a message, unless the room has left the access version of `ref` or the message does not exist.
 * Statements that do not need each other's answers are sent together: each would take a round trip of its own.
 *
 * @param decide reads what the change depends on, and writes nothing.
 */
export async function changeMessage(
  context: WriteContext,
  ref: MessageRef,
  by: ActorRef,
  decide: (row: SelectedMessage) => Promise<MessageChange>,
): Promise<MessageChangeResult> {
  const { room, message: id, idempotencyKey } = ref;
  const [isCurrent, row, firstSeq] = await Promise.all([
    isAtVersion(context, ref),
    findMessageRow(context, { room, id }),
    idempotencyKey && findSeqByKey(context, idempotencyKey),
  ]);
  if (!isCurrent) return { outcome: "stale" };
  if (row === undefined) return { outcome: "unknown" };
  const change: MessageChange =
    firstSeq === undefined ? await decide(row) : { unchangedSince: firstSeq, isRepeat: true };
  if (typeof change === "string") return { outcome: change };

  if ("unchangedSince" in change) {
    const { unchangedSince, isRepeat = false } = change;
    const [message] = await Promise.all([
      findAfterChange(context, row, by),
      storeKey(context, idempotencyKey, unchangedSince),
    ]);
    return { outcome: "changed", seq: unchangedSince, isRepeat, message };
  }
  const seq = await reserveSeq(context, ref);
  if (seq === undefined) return { outcome: "stale" };
  const [event] = await Promise.all([change.write(seq), storeKey(context, idempotencyKey, seq)]);
  const message = await findAfterChange(context, row, by);
  return { outcome: "changed", seq, event: event(withoutViewer(message)), message };
}

async function findAfterChange(
  context: WriteContext,
  { room, id, n }: SelectedMessage,
  by: ActorRef,
): Promise<Message> {
  const [after, reactions] = await Promise.all([
    findMessageRow(context, { room, id }),
    findReactions(context, [n], by?.id),
  ]);
  if (after === undefined) throw new Error(`expected message ${id} in room ${room} after its change`);
  return toMessage(after, reactions.get(n) ?? []);
}

/** Returns the message as everyone sees it. */
export function withoutViewer(message: Message): Message {
  return { ...message, reactions: message.reactions.map((reaction) => ({ ...reaction, mine: false })) };
}
