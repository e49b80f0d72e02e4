import type { LogEvent, Message } from "@multichat/protocol";
import type { MentionCandidates } from "@multichat/protocol/markup";
import type { ActorRef } from "../actor-ref.ts";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { logEvent } from "../event-log/log-event.ts";
import { removeFromIndex } from "../search/index-message.ts";
import { changeMessage, type UnchangedMessage } from "./change-message.ts";
import { deleteMentions, insertMentions, resolveMentions, toMentionsColumn } from "./mentions.ts";
import type { SelectedMessage } from "./message-row.ts";
import type { MessageChangeResult, MessageRef } from "./message-types.ts";
import { insertVersion } from "./versions.ts";

export interface MessageEdit {
  readonly ref: MessageRef;
  readonly body: string;
  /** When the edited version was made, null for the first one; with another one in its place the result is `conflict`. */
  readonly expectedEditedAt?: number | null | undefined;
  /** What `findMentionCandidates` finds in the body. */
  readonly mentionCandidates?: MentionCandidates;
  readonly canMentionAll: boolean;
  readonly by: ActorRef;
}

interface Edit {
  n: number;
  seq: number;
  body: string;
  at: number;
  by: string | null;
  by_name: string | null;
  mentions: string | null;
  mention_names: string | null;
  mentions_all: number;
}

const updateMessage = prepared<Edit, never>((db, param) =>
  db
    .updateTable("message")
    .set({
      body: param("body"),
      edited_at: param("at"),
      edited_by: param("by"),
      edited_by_name: param("by_name"),
      edited_seq: param("seq"),
      mentions: param("mentions"),
      mention_names: param("mention_names"),
      mentions_all: param("mentions_all"),
    })
    .where("n", "=", param("n")),
);

/** Returns why an edit changes nothing; undefined: it changes the message. */
export function checkEdit(
  row: SelectedMessage,
  { body, expectedEditedAt }: Pick<MessageEdit, "body" | "expectedEditedAt">,
): UnchangedMessage | undefined {
  if (row.deleted_at !== null) return "unknown";
  if (row.body === body) return { unchangedSince: row.edited_seq ?? row.seq };
  return expectedEditedAt !== undefined && row.edited_at !== expectedEditedAt ? "conflict" : undefined;
}

export async function editMessage(
  context: WriteContext,
  { ref, body, expectedEditedAt, mentionCandidates = [], canMentionAll, by }: MessageEdit,
): Promise<MessageChangeResult> {
  const { room } = ref;
  return changeMessage(context, ref, by, async (row) => {
    const unchanged = checkEdit(row, { body, expectedEditedAt });
    if (unchanged !== undefined) return unchanged;
    const mentioned = await resolveMentions(context, {
      candidates: mentionCandidates,
      author: row.author,
      canMentionAll,
    });
    const write = async (seq: number): Promise<(message: Message) => LogEvent> => {
      await insertVersion(context, row);
      await updateMessage(context, {
        n: row.n,
        seq,
        body,
        at: context.now,
        by: by?.id ?? null,
        by_name: by?.username ?? null,
        mentions: toMentionsColumn(mentioned.people),
        mention_names: toMentionsColumn(mentioned.names),
        mentions_all: mentioned.all ? 1 : 0,
      });
      // A mention is unread at the seq of the message, not at that of the edit.
      await deleteMentions(context, { room, seq: row.seq, people: row.mentions });
      await insertMentions(context, { room, seq: row.seq, people: mentioned.people });
      await removeFromIndex(context, row.n);
      context.unindexed.add(row.n);
      await logEvent(context, { room, seq, kind: "message.edited", by, message: row.id });
      return (message) => ({ on: "message.edited", room, seq, message, by });
    };
    return { write };
  });
}
