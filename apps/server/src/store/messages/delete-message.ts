import type { LogEvent } from "@multichat/protocol";
import { sql } from "kysely";
import type { ActorRef } from "../actor-ref.ts";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { logEvent } from "../event-log/log-event.ts";
import { deleteFiles } from "../files/message-files.ts";
import { removeFromIndex } from "../search/index-message.ts";
import { changeMessage, type UnchangedMessage } from "./change-message.ts";
import { deleteMentions } from "./mentions.ts";
import type { SelectedMessage } from "./message-row.ts";
import type { MessageChangeResult, MessageRef } from "./message-types.ts";
import { deleteReactions } from "./reactions.ts";
import { insertVersion } from "./versions.ts";

/** Leaves the row with its seq, author and client id, so that a retried send does not post the message again. */
const clearMessage = prepared<{ n: number; at: number; seq: number }, never>((db, param) =>
  db
    .updateTable("message")
    .set({
      body: "",
      deleted_at: param("at"),
      deleted_seq: param("seq"),
      reply_to: sql.lit(null),
      mentions: sql.lit(null),
      mentions_all: sql.lit(0),
      pinned_at: sql.lit(null),
      emojis: sql.lit(0),
      files: sql.lit(null),
    })
    .where("n", "=", param("n")),
);

export interface MessageDeletion {
  readonly ref: MessageRef;
  readonly by: ActorRef;
}

/** Returns why a deletion changes nothing; undefined: it changes the message. */
export function checkDeletion(row: SelectedMessage): UnchangedMessage | undefined {
  return row.deleted_at === null ? undefined : { unchangedSince: row.deleted_seq ?? row.seq };
}

export async function deleteMessage(context: WriteContext, { ref, by }: MessageDeletion): Promise<MessageChangeResult> {
  const { now } = context;
  const { room } = ref;
  return changeMessage(context, ref, by, async (row) => {
    const unchanged = checkDeletion(row);
    if (unchanged !== undefined) return unchanged;
    const write = async (seq: number): Promise<() => LogEvent> => {
      await insertVersion(context, row);
      await clearMessage(context, { n: row.n, at: now, seq });
      await deleteMentions(context, { room, seq: row.seq, people: row.mentions });
      await removeFromIndex(context, row.n);
      await deleteReactions(context, row.n);
      await deleteFiles(context, row);
      await logEvent(context, { room, seq, kind: "message.deleted", by, message: row.id });
      return () => ({ on: "message.deleted", room, seq, message: row.id, deletedAt: now, by });
    };
    return { write };
  });
}
