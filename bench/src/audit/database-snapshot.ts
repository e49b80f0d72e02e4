import { DatabaseSync } from "node:sqlite";
import type { DatabaseSnapshot, RoomSnapshot, ShownMessage } from "./client-record.ts";

/** Runs one of the statements below, whose parameter is written as `?`. */
export type QuerySnapshot = <T>(statement: string, ...parameters: string[]) => T[] | Promise<T[]>;

interface EventRow {
  readonly seq: number;
  readonly on: string;
  readonly message: string | null;
}

interface RoomRow {
  readonly id: string;
  readonly lastSeq: number;
}

interface ReactionRow {
  readonly message: string;
  readonly reaction: string;
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
    const rooms = rowsOf<RoomRow>(database, SELECT_ROOMS);
    return new Map(
      rooms.map((room) => [
        room.id,
        assembleRoom(room, {
          log: rowsOf<EventRow>(database, SELECT_LOG, room.id),
          reactions: rowsOf<ReactionRow>(database, SELECT_REACTIONS, room.id),
          messages: rowsOf<MessageRow>(database, SELECT_MESSAGES, room.id),
        }),
      ]),
    );
  } finally {
    database.close();
  }
}

/** Reads a database of another kind by the same statements. */
export async function readSnapshotBy(query: QuerySnapshot): Promise<DatabaseSnapshot> {
  const snapshot = new Map<string, RoomSnapshot>();
  for (const room of await query<RoomRow>(SELECT_ROOMS)) {
    const [log, reactions, messages] = await Promise.all([
      query<EventRow>(SELECT_LOG, room.id),
      query<ReactionRow>(SELECT_REACTIONS, room.id),
      query<MessageRow>(SELECT_MESSAGES, room.id),
    ]);
    snapshot.set(room.id, assembleRoom(room, { log, reactions, messages }));
  }
  return snapshot;
}

const SELECT_ROOMS = 'select id, last_seq as "lastSeq" from room';
const SELECT_LOG = 'select seq, kind as "on", message from event where room = ? order by seq';
const SELECT_REACTIONS = `
  select message.id as message, reaction.emoji || ' ' || reaction."user" as reaction
  from reaction join message on message.n = reaction.message
  where message.room = ? and reaction.present = 1`;
const SELECT_MESSAGES = `
  select id, seq, author, client_id as "clientId", body, edited_at as "editedAt", deleted_at as "deletedAt"
  from message where room = ? order by seq`;

interface RoomRows {
  readonly log: readonly EventRow[];
  readonly reactions: readonly ReactionRow[];
  readonly messages: readonly MessageRow[];
}

function assembleRoom({ id, lastSeq }: RoomRow, rows: RoomRows): RoomSnapshot {
  const reactions = new Map<string, string[]>();
  for (const { message, reaction } of rows.reactions) {
    const ofMessage = reactions.get(message);
    if (ofMessage === undefined) reactions.set(message, [reaction]);
    else ofMessage.push(reaction);
  }
  const messages = rows.messages.map((row): ShownMessage => {
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
  return { room: id, lastSeq, log: rows.log, messages };
}

/** The cast holds: the columns are those that the statement names. */
function rowsOf<T>(database: DatabaseSync, statement: string, ...parameters: string[]): T[] {
  return database
    .prepare(statement)
    .all(...parameters)
    .map((row) => ({ ...row })) as T[];
}
