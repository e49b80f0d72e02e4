import { type Author, type LogEvent, type Message, ROLES, type Role, type RoomPatch } from "@multichat/protocol";
import { sql } from "kysely";
import type { ReadContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { EventRow } from "../database/tables.ts";
import { findMessagesById } from "../messages/find-messages.ts";
import { toAuthor } from "../messages/message-row.ts";
import { countReactions, type ReactionCounts } from "../messages/reactions.ts";

/** Of each room of a JSON array of pairs, a room and a seq, the events after it. The head of the log bounds their number. */
const selectEventsAfter = prepared<{ rooms: string }, EventRow>((db, param, dialect) =>
  db
    .selectFrom(dialect.jsonPairs(param("rooms")).as("w"))
    .innerJoin("event as e", (join) => join.onRef("e.room", "=", "w.name").onRef("e.seq", ">", "w.number"))
    .leftJoin("user as a", "a.id", "e.actor")
    .leftJoin("user as s", "s.id", "e.subject")
    .select([
      "e.room",
      "e.seq",
      "e.kind",
      "e.actor",
      (b) => b.fn.coalesce("a.displayUsername", "e.actor_name").as("actor_name"),
      "e.message",
      "e.subject",
      (b) => b.fn.coalesce("s.displayUsername", "e.subject_name").as("subject_name"),
      "e.data",
      "e.at",
    ]),
);

const selectLastSeqs = prepared<{ rooms: string }, { id: string; last_seq: number }>((db, param, dialect) =>
  db
    .selectFrom("room")
    .select(["id", "last_seq"])
    .where("id", "in", dialect.jsonElements(param("rooms"))),
);

const sumBodyBytes = prepared<{ ids: string }, { room: string; bytes: number | null }>((db, param, dialect) =>
  db
    .selectFrom("message")
    // Known without reading the bodies.
    .select((e) => [
      "room",
      e.fn.sum<number | null>(sql<number>`octet_length(body) + coalesce(octet_length(files), 0)`).as("bytes"),
    ])
    .where("id", "in", dialect.jsonElements(param("ids")))
    .groupBy("room"),
);

/** A room, and the last seq of its log that is known. */
export interface LogPosition {
  readonly room: string;
  readonly since: number;
}

export interface EventsLimits {
  /** Events of a room. */
  readonly limit: number;
  /** UTF-8 bytes of the bodies in the events of a room. @default any number */
  readonly maxBodyBytes?: number;
}

export type EventsQuery = LogPosition & EventsLimits;

/**
 * Returns the log after `since`; undefined where that is not one contiguous range of at most `limit` events, or the messages in
 * it are too long.
 */
export async function readEventsSince(
  context: ReadContext,
  { room, since, ...limits }: EventsQuery,
): Promise<readonly LogEvent[] | undefined> {
  return (await readLogs(context, [{ room, since }], limits)).get(room);
}

export interface MissedQuery extends EventsLimits {
  /** Each room once. */
  readonly positions: readonly LogPosition[];
}

/**
 * Returns for each position, in their order, what `readEventsSince` does, as JSON: copying the events between threads costs more
 * than reading them.
 */
export async function readMissedEvents(
  context: ReadContext,
  { positions, ...limits }: MissedQuery,
): Promise<readonly (string | undefined)[]> {
  const logs = await readLogs(context, positions, limits);
  return positions.map(({ room }) => JSON.stringify(logs.get(room)));
}

/** Reads the logs of several rooms with as many queries as for one. Those that cannot be returned are missing. */
async function readLogs(
  context: ReadContext,
  positions: readonly LogPosition[],
  { limit, maxBodyBytes = Number.POSITIVE_INFINITY }: EventsLimits,
): Promise<ReadonlyMap<string, readonly LogEvent[]>> {
  const logs = new Map<string, readonly LogEvent[]>();
  const grown: LogPosition[] = [];
  const heads = new Map<string, number>();
  for (const { id, last_seq } of await selectLastSeqs(context, {
    rooms: JSON.stringify(positions.map(({ room }) => room)),
  })) {
    heads.set(id, last_seq);
  }
  for (const { room, since } of positions) {
    const lastSeq = heads.get(room);
    if (lastSeq === undefined || since < 0 || since > lastSeq || lastSeq - since > limit) continue;
    if (since === lastSeq) logs.set(room, []);
    else grown.push({ room, since });
  }
  if (grown.length === 0) return logs;
  const rowsByRoom = new Map<string, EventRow[]>();
  const pairs = JSON.stringify(grown.map(({ room, since }) => [room, since]));
  for (const row of await selectEventsAfter(context, { rooms: pairs })) {
    const rows = rowsByRoom.get(row.room);
    if (rows === undefined) rowsByRoom.set(row.room, [row]);
    else rows.push(row);
  }
  for (const { room, since } of grown) {
    const rows = rowsByRoom.get(room)?.sort((a, b) => a.seq - b.seq);
    // The beginning of the log may have been trimmed.
    if (rows?.[0]?.seq !== since + 1) rowsByRoom.delete(room);
  }
  for (const room of await findTooLong(context, rowsByRoom, maxBodyBytes)) rowsByRoom.delete(room);
  const current = await loadCurrentState(context, [...rowsByRoom.values()].flat());
  for (const [room, rows] of rowsByRoom) {
    logs.set(
      room,
      rows.map((row) => toEvent(room, row, current)),
    );
  }
  return logs;
}

/** The parts of events that show the present, not the time of the event. */
interface CurrentState {
  readonly messages: ReadonlyMap<string, Message>;
  readonly reactions: ReactionCounts;
}

/** Messages of a room that are read without asking how long they are: less than the reply to an ordinary resume. */
const MAX_UNMEASURED = 20;

/**
 * Returns the rooms whose messages are too long: the caller could not use them, and to read them would take as long as to answer a
 * hundred others.
 */
async function findTooLong(
  context: ReadContext,
  rowsByRoom: ReadonlyMap<string, readonly EventRow[]>,
  maxBodyBytes: number,
): Promise<readonly string[]> {
  if (!Number.isFinite(maxBodyBytes)) return [];
  const measured = new Set<string>();
  for (const rows of rowsByRoom.values()) {
    const shown = new Set(rows.flatMap((row) => (showsMessage(row) ? (row.message ?? []) : [])));
    if (shown.size > MAX_UNMEASURED) for (const id of shown) measured.add(id);
  }
  if (measured.size === 0) return [];
  const sums = await sumBodyBytes(context, { ids: JSON.stringify([...measured]) });
  return sums.flatMap(({ room, bytes }) => ((bytes ?? 0) > maxBodyBytes ? room : []));
}

/** One query, and one each for two kinds of reactions, for any number of events. */
async function loadCurrentState(context: ReadContext, rows: readonly EventRow[]): Promise<CurrentState> {
  const shown = new Set<string>();
  const counted = new Set<string>();
  for (const row of rows) {
    const { kind, message } = row;
    if (message === null) continue;
    if (showsMessage(row)) shown.add(message);
    if (kind === "reaction.added" || kind === "reaction.removed") counted.add(message);
  }
  const messages = await findMessagesById(context, [...shown]);
  return {
    messages: new Map(messages.map((message) => [message.id, message])),
    reactions: await countReactions(context, [...counted]),
  };
}

function showsMessage({ kind }: EventRow): boolean {
  return kind === "message.posted" || kind === "message.edited";
}

function toEvent(room: string, row: EventRow, current: CurrentState): LogEvent {
  const { seq } = row;
  const by = toAuthor(row.actor, row.actor_name);
  const id = row.message ?? "";
  const subject = toAuthor(row.subject, row.subject_name) ?? UNKNOWN_AUTHOR;
  switch (row.kind) {
    case "message.posted": {
      const message = current.messages.get(id);
      return message === undefined ? emptyEvent(room, seq, by) : { on: row.kind, room, seq, message };
    }
    case "message.edited": {
      const message = current.messages.get(id);
      return message === undefined ? emptyEvent(room, seq, by) : { on: row.kind, room, seq, message, by };
    }
    case "message.deleted":
      return { on: row.kind, room, seq, message: id, deletedAt: row.at, by };
    case "message.pinned":
    case "message.unpinned":
      return { on: row.kind, room, seq, message: id, by };
    case "reaction.added":
    case "reaction.removed": {
      const { emoji = "" } = dataOf(row);
      const count = current.reactions.get(id, emoji);
      return { on: row.kind, room, seq, message: id, emoji, user: by ?? UNKNOWN_AUTHOR, count };
    }
    case "room.created":
      return { on: row.kind, room, seq, by };
    case "room.changed":
      return { on: row.kind, room, seq, by, changes: dataOf(row) };
    case "member.joined":
      return { on: row.kind, room, seq, user: subject, role: roleOf(row), by };
    case "member.left":
      return { on: row.kind, room, seq, user: subject };
    case "member.removed":
      return { on: row.kind, room, seq, user: subject, banned: dataOf(row).banned ?? false, by };
    case "member.changed":
      return {
        on: row.kind,
        room,
        seq,
        user: subject,
        role: roleOf(row),
        mutedUntil: dataOf(row).mutedUntil ?? null,
        by,
      };
    default:
      return emptyEvent(room, seq, by);
  }
}

/**
 * Stands for an event of a kind that this version does not know, or whose message is gone. It changes nothing and keeps
 * the seq, so that the rest of the log stays contiguous.
 */
function emptyEvent(room: string, seq: number, by: Author | null): LogEvent {
  return { on: "room.changed", room, seq, by, changes: {} };
}

const UNKNOWN_AUTHOR: Author = { id: "", username: "" };

interface EventData extends RoomPatch {
  readonly emoji?: string;
  readonly banned?: boolean;
  readonly role?: Role;
  readonly mutedUntil?: number | null;
}

/** Written by `logEvent` alone, with the fields of each kind. */
function dataOf({ data }: EventRow): EventData {
  return data === null ? {} : (JSON.parse(data) as EventData);
}

function roleOf(row: EventRow): Role {
  return dataOf(row).role ?? ROLES[0];
}
