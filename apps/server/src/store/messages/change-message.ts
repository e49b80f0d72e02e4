import type { LogEvent, Message } from "@multichat/protocol";
import type { WriteContext } from "../database/context.ts";
import { findSeqByKey, storeKey } from "../event-log/idempotency-keys.ts";
import { releaseSeq, reserveSeqAt } from "../event-log/room-seq.ts";
import type { ActorRef, MessageChangeResult, MessageRef } from "../store.ts";
import { messageRow, toOneMessage } from "./find-messages.ts";
import type { MessageShape } from "./message-row.ts";

/** What came of a change: its event (given the message as everybody sees it now), or why there is none. */
export type AppliedChange =
  | { readonly event: (message: Message) => LogEvent }
  /** It was so already, since this seq. */
  | { readonly since: number }
  | "unknown"
  | "full";

/**
 * Changes a message, with the seq that the change's event will have: unless the room is not as the policy saw it, or the
 * message is not there. `change` writes only where it answers with an event.
 */
export async function changeMessage(
  context: WriteContext,
  on: MessageRef,
  by: ActorRef,
  change: (row: MessageShape, seq: number) => Promise<AppliedChange>,
): Promise<MessageChangeResult> {
  const { db } = context;
  const seq = await reserveSeqAt(db, on);
  if (seq === undefined) return { outcome: "stale" };
  const where = { room: on.room, id: on.message };
  const row = await messageRow(db, where);
  const before = await findSeqByKey(db, on.idempotencyKey);
  const deed = row === undefined ? "unknown" : before === undefined ? await change(row, seq) : { since: before };
  if (row === undefined || typeof deed === "string" || "since" in deed) await releaseSeq(db, on);
  if (typeof deed === "string") return { outcome: deed };
  await storeKey(context, on.idempotencyKey, "since" in deed ? deed.since : seq);
  const after = await messageRow(db, where);
  if (after === undefined) throw new Error(`message ${on.message} is gone from room ${on.room} while it is changed`);
  const message = await toOneMessage(db, after, by?.id);
  if ("since" in deed) return { outcome: "changed", seq: deed.since, message };
  return { outcome: "changed", seq, event: deed.event(forEverybody(message)), message };
}

function forEverybody(message: Message): Message {
  return { ...message, reactions: message.reactions.map((reaction) => ({ ...reaction, mine: false })) };
}
