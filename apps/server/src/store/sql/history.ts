import type { HistoryPage, LogEvent, Message, RoomChanges } from "@multichat/protocol";
import { type Kysely, sql } from "kysely";
import { type MessageShape, toAuthor, toMessage } from "./message-shape.ts";
import { prepared } from "./prepared.ts";
import type { Tables } from "./tables.ts";

const MESSAGE_COLUMNS = [
  "m.id",
  "m.room",
  "m.seq",
  "m.kind",
  "m.author",
  "m.client_id",
  "m.body",
  "m.created_at",
] as const;

const older = prepared<{ room: string; before: number; limit: number }, MessageShape>((db, hole) =>
  db
    .selectFrom("message as m")
    .leftJoin("user as u", "u.id", "m.author")
    .select([...MESSAGE_COLUMNS, (e) => e.fn.coalesce("u.displayUsername", "m.author_name").as("author_name")])
    .where("m.room", "=", hole("room"))
    .where("m.seq", "<", hole("before"))
    .orderBy("m.seq", "desc")
    .limit(hole("limit")),
);

const newer = prepared<{ room: string; from: number; limit: number }, MessageShape>((db, hole) =>
  db
    .selectFrom("message as m")
    .leftJoin("user as u", "u.id", "m.author")
    .select([...MESSAGE_COLUMNS, (e) => e.fn.coalesce("u.displayUsername", "m.author_name").as("author_name")])
    .where("m.room", "=", hole("room"))
    .where("m.seq", ">=", hole("from"))
    .orderBy("m.seq", "asc")
    .limit(hole("limit")),
);

export interface PageQuestion {
  readonly room: string;
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
  readonly limit: number;
}

/** One page of messages. One more than asked for is read each way, to know whether there is more. */
export async function page(
  db: Kysely<Tables>,
  { room, before, after, around, limit }: PageQuestion,
): Promise<HistoryPage> {
  if (after !== undefined) {
    const found = await newer(db, { room, from: after + 1, limit: limit + 1 });
    const back = await older(db, { room, before: after + 1, limit: 1 });
    return { messages: messages(found.slice(0, limit)), hasBefore: back.length > 0, hasAfter: found.length > limit };
  }
  if (around !== undefined) {
    const back = (await older(db, { room, before: around, limit: limit + 1 })).reverse();
    const forth = await newer(db, { room, from: around, limit: limit + 1 });
    // Half of the page before the place; where one side has too few, the other fills up.
    const wanted = Math.floor(limit / 2);
    const takenBack = Math.min(back.length, Math.max(wanted, limit - forth.length));
    const takenForth = Math.min(forth.length, limit - takenBack);
    return {
      messages: messages([...back.slice(back.length - takenBack), ...forth.slice(0, takenForth)]),
      hasBefore: back.length > takenBack,
      hasAfter: forth.length > takenForth,
    };
  }
  const found = await older(db, { room, before: before ?? Number.MAX_SAFE_INTEGER, limit: limit + 1 });
  const forth = before === undefined ? [] : await newer(db, { room, from: before, limit: 1 });
  return {
    messages: messages(found.slice(0, limit).reverse()),
    hasBefore: found.length > limit,
    hasAfter: forth.length > 0,
  };
}

function messages(rows: readonly MessageShape[]): Message[] {
  return rows.map(toMessage);
}

interface EventShape {
  seq: number;
  event_kind: string;
  actor: string | null;
  actor_name: string | null;
  data: string | null;
  id: string | null;
  kind: string | null;
  client_id: string | null;
  body: string | null;
  created_at: number | null;
}

const logAfter = prepared<{ room: string; since: number; limit: number }, EventShape>((db, hole) =>
  db
    .selectFrom("event as e")
    .leftJoin("message as m", "m.id", "e.message")
    .leftJoin("user as u", "u.id", "e.actor")
    .select([
      "e.seq",
      "e.kind as event_kind",
      "e.actor",
      (b) => b.fn.coalesce("u.displayUsername", "e.actor_name").as("actor_name"),
      "e.data",
      "m.id",
      "m.kind",
      "m.client_id",
      "m.body",
      "m.created_at",
    ])
    .where("e.room", "=", hole("room"))
    .where("e.seq", ">", hole("since"))
    .orderBy("e.seq")
    .limit(hole("limit")),
);

const lastSeq = prepared<{ room: string }, { last_seq: number }>((db, hole) =>
  db.selectFrom("room").select("last_seq").where("id", "=", hole("room")),
);

/** The log after `since`; undefined where it is not one unbroken piece of at most `limit` events. */
export async function eventsSince(
  db: Kysely<Tables>,
  { room, since, limit }: { room: string; since: number; limit: number },
): Promise<LogEvent[] | undefined> {
  const [end] = await lastSeq(db, { room });
  if (end === undefined || since < 0 || since > end.last_seq || end.last_seq - since > limit) return undefined;
  if (since === end.last_seq) return [];
  const rows = await logAfter(db, { room, since, limit });
  // A log whose beginning was cleared away cannot answer from there.
  if (rows[0]?.seq !== since + 1) return undefined;
  return rows.map((row) => toEvent(room, row));
}

function toEvent(room: string, row: EventShape): LogEvent {
  const by = toAuthor(row.actor, row.actor_name);
  switch (row.event_kind) {
    case "message.posted": {
      const { id, kind, client_id, body, created_at } = row;
      if (id === null || kind === null || client_id === null || body === null || created_at === null) {
        throw new Error(`the log of room ${room} names a message at seq ${row.seq} that is not there`);
      }
      const { seq, actor: author, actor_name: author_name } = row;
      const message = toMessage({ id, room, seq, kind, author, author_name, client_id, body, created_at });
      return { on: "message.posted", room, seq, message };
    }
    case "room.created":
      return { on: "room.created", room, seq: row.seq, by };
    case "room.changed":
      // Only `changeRoom` writes this column, from the same type.
      return { on: "room.changed", room, seq: row.seq, by, changes: JSON.parse(row.data ?? "{}") as RoomChanges };
    default:
      throw new Error(`the log of room ${room} has an event of unknown kind ${row.event_kind} at seq ${row.seq}`);
  }
}

/** Whether a database answers at all. */
export async function answers(db: Kysely<Tables>): Promise<true> {
  await sql`select 1`.execute(db);
  return true;
}
