import type { Message, QuotedMessage } from "@multichat/protocol";
import { type Kysely, sql } from "kysely";
import { uuidv7 } from "uuidv7";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import { logEvent } from "../event-log/log-event.ts";
import { releaseSeq } from "../event-log/room-seq.ts";
import { indexMessage } from "../search/search-index.ts";
import type { AppendResult, NewMessage } from "../store.ts";
import { messageRow, toOneMessage } from "./find-messages.ts";
import { countMentionsOf, mentionsColumn, resolveMentions } from "./mentions.ts";
import { EXCERPT, type MessageShape, messageRows, toAuthor } from "./message-row.ts";

const findPosted = prepared<{ room: string; author: string; client_id: string }, MessageShape>((db, hole) =>
  messageRows(db)
    .where("m.room", "=", hole("room"))
    .where(sql`coalesce(m.author, '')`, "=", hole("author"))
    .where("m.client_id", "=", hole("client_id")),
);

interface MessageRowIn {
  id: string;
  room: string;
  seq: number;
  author: string | null;
  author_name: string | null;
  client_id: string;
  kind: string;
  body: string;
  created_at: number;
  reply_to: number | null;
  mentions: string | null;
  mentions_all: number;
}

/** As `takeSeq`, but not in an archived room. */
const reserveSeq = prepared<{ room: string; rights: number }, { last_seq: number; number: number }>((db, hole) =>
  db
    .updateTable("room")
    .set((e) => ({ last_seq: e("last_seq", "+", 1) }))
    .where("id", "=", hole("room"))
    .where("rights", "=", hole("rights"))
    .where("archived_at", "is", null)
    .where("deleted_at", "is", null)
    .returning(["last_seq", "number"]),
);

/** No row comes back where the author's client id is taken. */
const insertMessage = prepared<MessageRowIn, { n: number }>((db, hole) =>
  db
    .insertInto("message")
    .values({
      id: hole("id"),
      room: hole("room"),
      seq: hole("seq"),
      author: hole("author"),
      author_name: hole("author_name"),
      client_id: hole("client_id"),
      kind: hole("kind"),
      body: hole("body"),
      created_at: hole("created_at"),
      reply_to: hole("reply_to"),
      mentions: hole("mentions"),
      mentions_all: hole("mentions_all"),
    })
    .onConflict((c) => c.doNothing())
    .returning("n"),
);

const lastOf = prepared<{ room: string; author: string }, { created_at: number }>((db, hole) =>
  db
    .selectFrom("message")
    .select("created_at")
    .where("author", "=", hole("author"))
    .where("room", "=", hole("room"))
    .orderBy("seq", "desc")
    .limit(sql.lit(1)),
);

export async function append(context: WriteContext, asked: NewMessage): Promise<AppendResult> {
  const { db, now } = context;
  const { room, author, clientId, kind, body } = asked;
  const [place] = await reserveSeq(db, { room, rights: asked.accessVersion });
  if (place === undefined) return (await repeated(db, asked)) ?? { outcome: "stale" };
  const seq = place.last_seq;
  const refuse = async (refusal: AppendResult): Promise<AppendResult> => {
    await releaseSeq(db, { room });
    return (await repeated(db, asked)) ?? refusal;
  };

  const retryAfterMs = await waitFor(db, asked, now);
  if (retryAfterMs > 0) return refuse({ outcome: "slow", retryAfterMs });
  const answered = asked.replyTo === undefined ? undefined : await messageRow(db, { room, id: asked.replyTo });
  if (asked.replyTo !== undefined && answered === undefined) return refuse({ outcome: "unknown" });
  const mentioned = await resolveMentions(db, {
    body,
    author: author?.id ?? null,
    mayMentionAll: asked.canMentionAll ?? false,
  });
  const row: MessageRowIn = {
    id: uuidv7(),
    room,
    seq,
    author: author?.id ?? null,
    author_name: author?.username ?? null,
    client_id: clientId,
    kind,
    body,
    created_at: now,
    reply_to: answered?.n ?? null,
    mentions: mentionsColumn(mentioned.people),
    mentions_all: mentioned.all ? 1 : 0,
  };
  const [inserted] = await insertMessage(db, row);
  if (inserted === undefined) {
    await releaseSeq(db, { room });
    const before = await repeated(db, asked);
    if (before === undefined)
      throw new Error(`room ${room} took no message at seq ${seq}, and had none of this client id`);
    return before;
  }
  const told = author === null || kind !== "message";
  await logEvent(context, { room, seq, kind: "message.posted", by: author, message: row.id, viaChangeFeed: told });
  await countMentionsOf(db, { room, seq, people: mentioned.people });
  await indexMessage(context, { ...row, n: inserted.n });

  const message: Message = {
    id: row.id,
    room,
    seq,
    kind,
    author: author === null ? null : { id: author.id, username: author.username },
    clientId,
    body,
    createdAt: now,
    editedAt: null,
    deletedAt: null,
    replyTo: answered === undefined ? null : quote(answered),
    mentions: mentioned.people,
    mentionsAll: mentioned.all,
    reactions: [],
    pinned: false,
  };
  return { outcome: "appended", message, event: { on: "message.posted", room, seq, message } };
}

/** Milliseconds that slow mode still asks of the author; 0: none. */
async function waitFor(
  db: Kysely<Tables>,
  { room, author, slowModeSeconds }: NewMessage,
  now: number,
): Promise<number> {
  if (slowModeSeconds === undefined || slowModeSeconds <= 0 || author === null) return 0;
  const [last] = await lastOf(db, { room, author: author.id });
  if (last === undefined) return 0;
  // A clock that was set back must not silence anybody for longer than the rule says.
  return Math.min(last.created_at + slowModeSeconds * 1_000 - now, slowModeSeconds * 1_000);
}

function quote(row: MessageShape): QuotedMessage {
  // By code points, as the database does it.
  const excerpt = [...row.body.slice(0, 2 * EXCERPT)].slice(0, EXCERPT).join("");
  return { id: row.id, seq: row.seq, author: toAuthor(row.author, row.author_name), excerpt };
}

/** What was answered to this author's client id before, as that message is now. */
export async function posted(
  db: Kysely<Tables>,
  { room, author, clientId }: { room: string; author: string | undefined; clientId: string },
): Promise<Message | undefined> {
  const [before] = await findPosted(db, { room, author: author ?? "", client_id: clientId });
  return before && (await toOneMessage(db, before, author));
}

async function repeated(
  db: Kysely<Tables>,
  { room, author, clientId }: NewMessage,
): Promise<Extract<AppendResult, { outcome: "repeated" }> | undefined> {
  const message = await posted(db, { room, author: author?.id, clientId });
  return message && { outcome: "repeated", message };
}
