import type { Message } from "@multichat/protocol";
import { sql } from "kysely";
import { uuidv7 } from "uuidv7";
import type { Appended, NewMessage } from "../store.ts";
import { mentionedIn, rememberMentions } from "./mentions.ts";
import { type MessageShape, toMessage } from "./message-shape.ts";
import { prepared } from "./prepared.ts";
import { tell, type WriteContext } from "./write-context.ts";

const findPosted = prepared<{ room: string; author: string; client_id: string }, MessageShape>((db, hole) =>
  db
    .selectFrom("message as m")
    .leftJoin("user as u", "u.id", "m.author")
    .select([
      "m.id",
      "m.room",
      "m.seq",
      "m.kind",
      "m.author",
      (e) => e.fn.coalesce("u.displayUsername", "m.author_name").as("author_name"),
      "m.client_id",
      "m.body",
      "m.created_at",
    ])
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
}

/** The room's own row gives out the seq, so the writers of one room stand in a line whatever the database. */
const takeSeq = prepared<{ room: string; rights: number }, { last_seq: number }>((db, hole) =>
  db
    .updateTable("room")
    .set((e) => ({ last_seq: e("last_seq", "+", 1) }))
    .where("id", "=", hole("room"))
    .where("rights", "=", hole("rights"))
    .where("archived_at", "is", null)
    .where("deleted_at", "is", null)
    .returning("last_seq"),
);

/** The row is locked since it was taken, so nobody has seen the seq that goes back. */
const giveSeqBack = prepared<{ room: string }, never>((db, hole) =>
  db
    .updateTable("room")
    .set((e) => ({ last_seq: e("last_seq", "-", 1) }))
    .where("id", "=", hole("room")),
);

/** No row comes back where the author's client id is taken. */
const insertMessage = prepared<MessageRowIn, { seq: number }>((db, hole) =>
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
    })
    .onConflict((c) => c.doNothing())
    .returning("seq"),
);

const insertPosted = prepared<MessageRowIn, never>((db, hole) =>
  db.insertInto("event").values({
    room: hole("room"),
    seq: hole("seq"),
    kind: "message.posted",
    actor: hole("author"),
    actor_name: hole("author_name"),
    message: hole("id"),
    data: null,
    at: hole("created_at"),
  }),
);

export async function append(context: WriteContext, posted: NewMessage): Promise<Appended> {
  const { db, now } = context;
  const { room, author, clientId, kind, body } = posted;
  const [place] = await takeSeq(db, { room, rights: posted.rights });
  if (place === undefined) return (await repeated(context, posted)) ?? { outcome: "stale" };
  const seq = place.last_seq;
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
  };
  const [inserted] = await insertMessage(db, row);
  if (inserted === undefined) {
    await giveSeqBack(db, { room });
    const before = await repeated(context, posted);
    if (before === undefined)
      throw new Error(`room ${room} took no message at seq ${seq}, and had none of this client id`);
    return before;
  }
  await insertPosted(db, row);
  const names = mentionedIn(body);
  if (names.length > 0) await rememberMentions(db, { room, seq, author: row.author, names });
  context.tails.set(room, seq);
  // What people write reaches other processes through the layer; notices come from scripts, which need not have one.
  if (author === null || kind !== "message") await tell(context, { kind: "log", room, seq });

  const message: Message = {
    id: row.id,
    room,
    seq,
    kind,
    author: author === null ? null : { id: author.id, username: author.username },
    clientId,
    body,
    createdAt: now,
  };
  return { outcome: "appended", message, event: { on: "message.posted", room, seq, message } };
}

/** What was answered to this author's client id before. */
async function repeated(
  { db }: WriteContext,
  { room, author, clientId }: NewMessage,
): Promise<Extract<Appended, { outcome: "repeated" }> | undefined> {
  const [before] = await findPosted(db, { room, author: author?.id ?? "", client_id: clientId });
  return before && { outcome: "repeated", message: toMessage(before) };
}
