import type { LogEvent, Message } from "@multichat/protocol";
import type { ActorRef } from "../actor-ref.ts";
import type { WriteContext } from "../database/context.ts";
import { findSeqByKey, storeKey } from "../event-log/idempotency-keys.ts";
import { releaseSeq, reserveSeq } from "../event-log/room-seq.ts";
import { findMessageRow, toOneMessage } from "./find-messages.ts";
import type { SelectedMessage } from "./message-row.ts";
import type { MessageChangeResult, MessageRef } from "./message-types.ts";

/** The result of a change: its event, made of the message as everyone sees it afterwards, or why there is none. */
export type AppliedChange =
  | { readonly event: (message: Message) => LogEvent }
  /** The message has been in this state since this seq. */
  | { readonly unchangedSince: number; readonly isRepeat?: true }
  | "unknown"
  | "full";

/**
 * Changes a message, unless the room has left the access version of `ref` or the message does not exist. `apply` gets
 * the seq of the change's event, and writes only where it returns an event.
 */
export async function changeMessage(
  context: WriteContext,
  ref: MessageRef,
  by: ActorRef,
  apply: (row: SelectedMessage, seq: number) => Promise<AppliedChange>,
): Promise<MessageChangeResult> {
  const seq = await reserveSeq(context, ref);
  if (seq === undefined) return { outcome: "stale" };
  const where = { room: ref.room, id: ref.message };
  const row = await findMessageRow(context, where);
  const applied = row === undefined ? "unknown" : await applyOnce(context, ref, () => apply(row, seq));
  if (typeof applied === "string" || "unchangedSince" in applied) await releaseSeq(context, ref);
  if (typeof applied === "string") return { outcome: applied };

  await storeKey(context, ref.idempotencyKey, "unchangedSince" in applied ? applied.unchangedSince : seq);
  const after = await findMessageRow(context, where);
  if (after === undefined) throw new Error(`expected message ${ref.message} in room ${ref.room} after its change`);
  const message = await toOneMessage(context, after, by?.id);
  if ("unchangedSince" in applied) {
    const { unchangedSince, isRepeat = false } = applied;
    return { outcome: "changed", seq: unchangedSince, isRepeat, message };
  }
  return { outcome: "changed", seq, event: applied.event(withoutViewer(message)), message };
}

async function applyOnce(
  context: WriteContext,
  { idempotencyKey }: MessageRef,
  apply: () => Promise<AppliedChange>,
): Promise<AppliedChange> {
  const firstSeq = idempotencyKey && (await findSeqByKey(context, idempotencyKey));
  return firstSeq === undefined ? apply() : { unchangedSince: firstSeq, isRepeat: true };
}

function withoutViewer(message: Message): Message {
  return { ...message, reactions: message.reactions.map((reaction) => ({ ...reaction, mine: false })) };
}
