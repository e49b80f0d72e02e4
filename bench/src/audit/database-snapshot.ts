import { DatabaseSync } from "node:sqlite";
import type { DatabaseSnapshot, RoomSnapshot, ShownMessage } from "./client-record.ts";

interface EventRow {
  readonly seq: number;
  readonly on: string;
  readonly message: string | null;
}

interface MessageRow {
  readonly id: string;
  readonly seq: number;
  readonly author: string | null;
  readonly clientId: string;
  readonly body: string;
  readonly editedAt: number | null;
  readonly deletedAt: number | null;
}

/** Reads a database that no server has open, with another library than the server's. */
export function readSnapshot(file: string): DatabaseSnapshot {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const integrity = database.prepare("pragma integrity_check").get();
    if (integrity?.integrity_check !== "ok") throw new Error(`The database is damaged: ${JSON.stringify(integrity)}`);
    const rooms = rowsOf<{ id: string; lastSeq: number }>(database, "select id, last_seq as lastSeq from room");
    return new Map(rooms.map((room) => [room.id, readRoom(database, room)]));
  } finally {
    database.close();
  }
}

function readRoom(database: DatabaseSync, { id, lastSeq }: { id: string; lastSeq: number }): RoomSnapshot {
  const log = rowsOf<EventRow>(
    database,
    'select seq, kind as "on", message from event where room = ? order by seq',
    id,
  );
  const reactions = new Map<string, string[]>();
  for (const { message, reaction } of rowsOf<{ message: string; reaction: string }>(
    database,
    `select message.id as message, reaction.emoji || ' ' || reaction.user as reaction
     from reaction join message on message.n = reaction.message
     where message.room = ? and reaction.present = 1`,
    id,
  )) {
    const ofMessage = reactions.get(message);
    if (ofMessage === undefined) reactions.set(message, [reaction]);
    else ofMessage.push(reaction);
  }
  const messages = rowsOf<MessageRow>(
    database,
    `select id, seq, author, client_id as clientId, body, edited_at as editedAt, deleted_at as deletedAt
     from message where room = ? order by seq`,
    id,
  ).map((row): ShownMessage => {
    const deleted = row.deletedAt !== null;
    return {
      id: row.id,
      seq: row.seq,
      author: row.author,
      clientId: row.clientId,
      // The body of a deleted message may be kept for moderators; nobody else is shown it.
      body: deleted ? "" : row.body,
      edited: row.editedAt !== null && !deleted,
      deleted,
      reactions: deleted ? [] : (reactions.get(row.id) ?? []).toSorted(),
    };
  });
  return { room: id, lastSeq, log, messages };
}

/** The cast holds: the columns are those that the statement names. */
function rowsOf<T>(database: DatabaseSync, statement: string, ...parameters: string[]): T[] {
  return database
    .prepare(statement)
    .all(...parameters)
    .map((row) => ({ ...row })) as T[];
}
