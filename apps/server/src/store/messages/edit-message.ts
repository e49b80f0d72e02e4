import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { logEvent } from "../event-log/log-event.ts";
import { indexAnew } from "../search/search-index.ts";
import type { ActorRef, MessageChangeResult, MessageRef } from "../store.ts";
import { changeMessage } from "./change-message.ts";
import { countMentionsOf, forgetMentions, mentionsColumn, resolveMentions } from "./mentions.ts";
import { keepVersion } from "./versions.ts";

interface Edit {
  n: number;
  seq: number;
  body: string;
  at: number;
  by: string | null;
  by_name: string | null;
  mentions: string | null;
  mentions_all: number;
}

const rewrite = prepared<Edit, never>((db, hole) =>
  db
    .updateTable("message")
    .set({
      body: hole("body"),
      edited_at: hole("at"),
      edited_by: hole("by"),
      edited_by_name: hole("by_name"),
      edited_seq: hole("seq"),
      mentions: hole("mentions"),
      mentions_all: hole("mentions_all"),
    })
    .where("n", "=", hole("n")),
);

export async function editMessage(
  context: WriteContext,
  { on, body, mayMentionAll, by }: { on: MessageRef; body: string; mayMentionAll: boolean; by: ActorRef },
): Promise<MessageChangeResult> {
  const { db, now } = context;
  const { room } = on;
  return changeMessage(context, on, by, async (row, seq) => {
    if (row.deleted_at !== null) return "unknown";
    if (row.body === body) return { since: row.edited_seq ?? row.seq };
    const mentioned = await resolveMentions(db, { body, author: row.author, mayMentionAll });
    await keepVersion(db, row);
    await rewrite(db, {
      n: row.n,
      seq,
      body,
      at: now,
      by: by?.id ?? null,
      by_name: by?.username ?? null,
      mentions: mentionsColumn(mentioned.people),
      mentions_all: mentioned.all ? 1 : 0,
    });
    // What counts as unread is where the message stands, not where it was edited.
    await forgetMentions(db, { room, seq: row.seq, people: row.mentions });
    await countMentionsOf(db, { room, seq: row.seq, people: mentioned.people });
    await indexAnew(context, { ...row, body });
    await logEvent(context, { room, seq, kind: "message.edited", by, message: row.id });
    return { event: (message) => ({ on: "message.edited", room, seq, message, by }) };
  });
}
