import type { Author, Message, MessageKind, QuotedMessage, Reaction } from "@multichat/protocol";
import { type Kysely, sql } from "kysely";
import type { Tables } from "../database/tables.ts";
import { fromFilesColumn, textOf } from "../files/stored-file.ts";

/** Characters of a message that its replies quote. */
export const EXCERPT_LENGTH = 140;

/** A message as the queries select it, with the present usernames, or the last known ones of deleted accounts. */
export interface SelectedMessage {
  n: number;
  id: string;
  room: string;
  seq: number;
  kind: string;
  author: string | null;
  author_name: string | null;
  client_id: string;
  body: string;
  created_at: number;
  edited_at: number | null;
  edited_seq: number | null;
  deleted_at: number | null;
  deleted_seq: number | null;
  mentions: string | null;
  mention_names: string | null;
  mentions_all: number;
  pinned_at: number | null;
  pin_seq: number | null;
  emojis: number;
  files: string | null;
  quoted_id: string | null;
  quoted_seq: number | null;
  quoted_author: string | null;
  quoted_name: string | null;
  quoted_excerpt: string | null;
  quoted_files: string | null;
}

/** Begins every query of messages. */
export function selectMessages(db: Kysely<Tables>) {
  return db
    .selectFrom("message as m")
    .leftJoin("user as u", "u.id", "m.author")
    .leftJoin("message as q", "q.n", "m.reply_to")
    .leftJoin("user as qu", "qu.id", "q.author")
    .select([
      "m.n",
      "m.id",
      "m.room",
      "m.seq",
      "m.kind",
      "m.author",
      (e) => e.fn.coalesce("u.displayUsername", "m.author_name").as("author_name"),
      "m.client_id",
      "m.body",
      "m.created_at",
      "m.edited_at",
      "m.edited_seq",
      "m.deleted_at",
      "m.deleted_seq",
      "m.mentions",
      "m.mention_names",
      "m.mentions_all",
      "m.pinned_at",
      "m.pin_seq",
      "m.emojis",
      "m.files",
      "q.id as quoted_id",
      "q.seq as quoted_seq",
      "q.author as quoted_author",
      (e) => e.fn.coalesce("qu.displayUsername", "q.author_name").as("quoted_name"),
      sql<string | null>`substr(q.body, 1, ${sql.lit(EXCERPT_LENGTH)})`.as("quoted_excerpt"),
      sql<string | null>`case when q.body = '' then q.files end`.as("quoted_files"),
    ]);
}

export function toMessage(row: SelectedMessage, reactions: readonly Reaction[]): Message {
  const common = {
    id: row.id,
    room: row.room,
    seq: row.seq,
    // Written by `appendMessage` alone, from the same type.
    kind: row.kind as MessageKind,
    author: toAuthor(row.author, row.author_name),
    clientId: row.client_id,
    createdAt: row.created_at,
    deletedAt: row.deleted_at,
  };
  if (row.deleted_at !== null) {
    const empty = { body: "", editedAt: null, replyTo: null, mentions: [], mentionNames: [], mentionsAll: false };
    return { ...common, ...empty, reactions: [], pinned: false };
  }
  return {
    ...common,
    body: row.body,
    editedAt: row.edited_at,
    replyTo: toQuote(row),
    mentions: fromMentionsColumn(row.mentions),
    mentionNames: fromMentionsColumn(row.mention_names),
    mentionsAll: row.mentions_all === 1,
    reactions,
    pinned: row.pinned_at !== null,
    ...fromFilesColumn(row.files),
  };
}

function fromMentionsColumn(column: string | null): readonly string[] {
  // Written by `toMentionsColumn` alone.
  return column === null ? [] : (JSON.parse(column) as string[]);
}

function toQuote(row: SelectedMessage): QuotedMessage | null {
  if (row.quoted_id === null || row.quoted_seq === null) return null;
  return {
    id: row.quoted_id,
    seq: row.quoted_seq,
    author: toAuthor(row.quoted_author, row.quoted_name),
    excerpt: toExcerpt({ body: row.quoted_excerpt ?? "", files: row.quoted_files }),
  };
}

/** Returns the beginning of a message as its replies quote it. */
export function toExcerpt(message: { readonly body: string; readonly files: string | null }): string {
  // By code points, as the database counts them.
  return [...textOf(message).slice(0, 2 * EXCERPT_LENGTH)].slice(0, EXCERPT_LENGTH).join("");
}

export function toAuthor(id: string | null, name: string | null): Author | null {
  return id === null ? null : { id, username: name ?? "" };
}
