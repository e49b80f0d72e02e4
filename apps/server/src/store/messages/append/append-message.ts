import type { Message, QuotedMessage } from "@multichat/protocol";
import { sql } from "kysely";
import { uuidv7 } from "uuidv7";
import type { ReadContext, WriteContext } from "../../database/context.ts";
import { prepared } from "../../database/prepared.ts";
import type { MessageRow } from "../../database/tables.ts";
import { logEvent } from "../../event-log/log-event.ts";
import type { RoomHead } from "../../event-log/room-heads.ts";
import { attachFiles, findPostable } from "../../files/message-files.ts";
import { toFilesColumn } from "../../files/stored-file.ts";
import { findMessageRow, toOneMessage } from "../find-messages.ts";
import { insertMentions, NO_MENTIONS, resolveMentions, toMentionsColumn } from "../mentions.ts";
import { type SelectedMessage, selectMessages, toAuthor, toExcerpt } from "../message-row.ts";
import type { AppendOutcome, AppendResult, NewMessage } from "../message-types.ts";
import { recordPost, remainingSlowModeMs } from "./slow-mode.ts";

type InsertedMessage = Pick<
  MessageRow,
  | "id"
  | "room"
  | "seq"
  | "author"
  | "author_name"
  | "client_id"
  | "kind"
  | "body"
  | "created_at"
  | "reply_to"
  | "mentions"
  | "mention_names"
  | "files"
> & { readonly mentions_all: number };

const selectByClientId = prepared<{ room: string; author: string; client_id: string }, SelectedMessage>((db, param) =>
  selectMessages(db)
    .where("m.room", "=", param("room"))
    .where(sql`coalesce(m.author, '')`, "=", param("author"))
    .where("m.client_id", "=", param("client_id")),
);

/** Returns no row where the author's client id is taken. */
const insertMessage = prepared<InsertedMessage, { n: number }>((db, param) =>
  db
    .insertInto("message")
    .values({
      id: param("id"),
      room: param("room"),
      seq: param("seq"),
      author: param("author"),
      author_name: param("author_name"),
      client_id: param("client_id"),
      kind: param("kind"),
      body: param("body"),
      created_at: param("created_at"),
      reply_to: param("reply_to"),
      mentions: param("mentions"),
      mention_names: param("mention_names"),
      mentions_all: param("mentions_all"),
      files: param("files"),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("n"),
);

export async function appendMessage(context: WriteContext, message: NewMessage): Promise<AppendOutcome> {
  const { room, accessVersion } = message;
  const head = await context.roomHeads.find(context, room);
  if (head === undefined || head.isArchived || head.accessVersion !== accessVersion) {
    return (await findRepeated(context, message)) ?? { outcome: "stale" };
  }
  const result = await appendAt(context, message, head);
  if (result.outcome === "appended") context.roomHeads.advance(room, head);
  if (result.outcome === "appended" || result.outcome === "repeated") return result;
  return (await findRepeated(context, message)) ?? result;
}

/** Writes nothing unless the result is `appended`. */
async function appendAt(context: WriteContext, message: NewMessage, head: RoomHead): Promise<AppendOutcome> {
  const { room, author, replyTo, body, slowModeSeconds = 0 } = message;
  const seq = head.lastSeq + 1;
  if (author !== null && slowModeSeconds > 0) {
    const retryAfterMs = await remainingSlowModeMs(context, { room, author: author.id }, slowModeSeconds);
    if (retryAfterMs > 0) return { outcome: "slow", retryAfterMs };
  }
  const quoted = replyTo === undefined ? undefined : await findMessageRow(context, { room, id: replyTo });
  if (replyTo !== undefined && (quoted === undefined || quoted.deleted_at !== null)) return { outcome: "unknown" };
  const files = await findPostable(context, { ids: message.files ?? [], room, author: author?.id });
  if (files === undefined) return { outcome: "file-unknown" };
  const mentions = await resolveMentions(context, {
    candidates: message.mentionCandidates ?? [],
    author: author?.id ?? null,
    canMentionAll: message.canMentionAll ?? false,
  });
  const row: InsertedMessage = {
    id: uuidv7(),
    room,
    seq,
    author: author?.id ?? null,
    author_name: author?.username ?? null,
    client_id: message.clientId,
    kind: message.kind,
    body,
    created_at: context.now,
    reply_to: quoted?.n ?? null,
    mentions: toMentionsColumn(mentions.people),
    mention_names: toMentionsColumn(mentions.names),
    mentions_all: mentions.all ? 1 : 0,
    files: toFilesColumn(files),
  };
  const [inserted] = await insertMessage(context, row);
  if (inserted === undefined) return requireRepeated(context, message, seq);

  const viaChangeFeed = author === null || message.kind !== "message";
  await logEvent(context, { room, seq, kind: "message.posted", by: author, message: row.id, viaChangeFeed });
  await insertMentions(context, { room, seq, people: mentions.people });
  await attachFiles(context, { files, message: inserted.n });
  context.unindexed.add(inserted.n);
  // Also of those whom slow mode does not slow down now: their role may change.
  if (author !== null && (head.isInSlowMode || slowModeSeconds > 0)) {
    await recordPost(context, { room, author: author.id });
  }
  return {
    outcome: "appended",
    id: row.id,
    seq,
    createdAt: row.created_at,
    ...(quoted === undefined ? {} : { replyTo: toQuote(quoted) }),
    ...(mentions === NO_MENTIONS ? {} : { mentions }),
    ...(files.length === 0 ? {} : { files }),
  };
}

export function toQuote(row: SelectedMessage): QuotedMessage {
  return { id: row.id, seq: row.seq, author: toAuthor(row.author, row.author_name), excerpt: toExcerpt(row) };
}

export async function findByClientId(
  context: ReadContext,
  { room, author, clientId }: { room: string; author: string | undefined; clientId: string },
): Promise<Message | undefined> {
  const [row] = await selectByClientId(context, { room, author: author ?? "", client_id: clientId });
  return row && (await toOneMessage(context, row, author));
}

async function findRepeated(
  context: ReadContext,
  { room, author, clientId }: NewMessage,
): Promise<Extract<AppendResult, { outcome: "repeated" }> | undefined> {
  const message = await findByClientId(context, { room, author: author?.id, clientId });
  return message && { outcome: "repeated", message };
}

async function requireRepeated(context: ReadContext, message: NewMessage, seq: number): Promise<AppendOutcome> {
  const repeated = await findRepeated(context, message);
  if (repeated !== undefined) return repeated;
  throw new Error(`room ${message.room} rejected seq ${seq} without a message of client id ${message.clientId}`);
}
