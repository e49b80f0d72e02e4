import { sql } from "kysely";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { logEvent } from "../event-log/log-event.ts";
import { forgetInSearch } from "../search/search-index.ts";
import type { ActorRef, MessageChangeResult, MessageRef } from "../store.ts";
import { changeMessage } from "./change-message.ts";
import { forgetMentions } from "./mentions.ts";
import { dropReactions } from "./reactions.ts";
import { keepVersion } from "./versions.ts";

/** The message keeps its place, its author and its client id: a repeated posting must not post it anew. */
const empty = prepared<{ n: number; at: number; seq: number }, never>((db, hole) =>
  db
    .updateTable("message")
    .set({
      body: "",
      deleted_at: hole("at"),
      deleted_seq: hole("seq"),
      reply_to: sql.lit(null),
      mentions: sql.lit(null),
      mentions_all: sql.lit(0),
      pinned_at: sql.lit(null),
      emojis: sql.lit(0),
    })
    .where("n", "=", hole("n")),
);

export async function deleteMessage(
  context: WriteContext,
  { on, by }: { on: MessageRef; by: ActorRef },
): Promise<MessageChangeResult> {
  const { db, now } = context;
  const { room } = on;
  return changeMessage(context, on, by, async (row, seq) => {
    if (row.deleted_at !== null) return { since: row.deleted_seq ?? row.seq };
    await keepVersion(db, row);
    await empty(db, { n: row.n, at: now, seq });
    await forgetMentions(db, { room, seq: row.seq, people: row.mentions });
    await forgetInSearch(db, row.n);
    await dropReactions(db, row.n);
    await logEvent(context, { room, seq, kind: "message.deleted", by, message: row.id });
    return { event: () => ({ on: "message.deleted", room, seq, message: row.id, deletedAt: now, by }) };
  });
}
