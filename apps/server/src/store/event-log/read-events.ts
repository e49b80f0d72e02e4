import { type Author, type LogEvent, type Message, ROLES, type Role, type RoomPatch } from "@multichat/protocol";
import { sql } from "kysely";
import type { ReadContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { EventRow } from "../database/tables.ts";
import { findMessagesById } from "../messages/find-messages.ts";
import { toAuthor } from "../messages/message-row.ts";
import { countReactions, type ReactionCounts } from "../messages/reactions.ts";

type SelectedEvent = Omit<EventRow, "room">;

const selectEventsAfter = prepared<{ room: string; since: number; limit: number }, SelectedEvent>((db, param) =>
  db
    .selectFrom("event as e")
    .leftJoin("user as a", "a.id", "e.actor")
    .leftJoin("user as s", "s.id", "e.subject")
    .select([
      "e.seq",
      "e.kind",
      "e.actor",
      (b) => b.fn.coalesce("a.displayUsername", "e.actor_name").as("actor_name"),
      "e.message",
      "e.subject",
      (b) => b.fn.coalesce("s.displayUsername", "e.subject_name").as("subject_name"),
      "e.data",
      "e.at",
    ])
    .where("e.room", "=", param("room"))
    .where("e.seq", ">", param("since"))
    .orderBy("e.seq")
    .limit(param("limit")),
);

const selectLastSeq = prepared<{ room: string }, { last_seq: number }>((db, param) =>
  db.selectFrom("room").select("last_seq").where("id", "=", param("room")),
);

const sumBodyBytes = prepared<{ ids: string }, { bytes: number | null }>((db, param, dialect) =>
  db
    .selectFrom("message")
    // Known without reading the bodies.
    .select((e) => e.fn.sum<number | null>(sql<number>`octet_length(body)`).as("bytes"))
    .where("id", "in", dialect.jsonElements(param("ids"))),
);

export interface EventsQuery {
  readonly room: string;
  readonly since: number;
  readonly limit: number;
  /** UTF-8 bytes of the bodies in the events. @default any number */
  readonly maxBodyBytes?: number;
}

/**
 * Returns the log after `since`; undefined where that is not one contiguous range of at most `limit` events, or the messages in
 * it are too long.
 */
export async function readEventsSince(
  context: ReadContext,
  { room, since, limit, maxBodyBytes = Number.POSITIVE_INFINITY }: EventsQuery,
): Promise<readonly LogEvent[] | undefined> {
  const [head] = await selectLastSeq(context, { room });
  if (head === undefined || since < 0 || since > head.last_seq || head.last_seq - since > limit) return undefined;
  if (since === head.last_seq) return [];
  const rows = await selectEventsAfter(context, { room, since, limit });
  // The beginning of the log may have been trimmed.
  if (rows[0]?.seq !== since + 1) return undefined;
  const current = await loadCurrentState(context, rows, maxBodyBytes);
  if (current === undefined) return undefined;
  return rows.map((row) => toEvent(room, row, current));
}

/** The parts of events that show the present, not the time of the event. */
interface CurrentState {
  readonly messages: ReadonlyMap<string, Message>;
  readonly reactions: ReactionCounts;
}

/** Messages that are read without asking how long they are: less than the reply to an ordinary resume. */
const MAX_UNMEASURED = 20;

/**
 * Three queries, and one for the reactions, for any number of events. Returns undefined where the bodies are too long: the caller
 * could not use them, and to read them would take as long as to answer a hundred others.
 */
async function loadCurrentState(
  context: ReadContext,
  rows: readonly SelectedEvent[],
  maxBodyBytes: number,
): Promise<CurrentState | undefined> {
  const shown = new Set<string>();
  const counted = new Set<string>();
  for (const { kind, message } of rows) {
    if (message === null) continue;
    if (kind === "message.posted" || kind === "message.edited") shown.add(message);
    if (kind === "reaction.added" || kind === "reaction.removed") counted.add(message);
  }
  if (shown.size > MAX_UNMEASURED && Number.isFinite(maxBodyBytes)) {
    const [sum] = await sumBodyBytes(context, { ids: JSON.stringify([...shown]) });
    if ((sum?.bytes ?? 0) > maxBodyBytes) return undefined;
  }
  const messages = await findMessagesById(context, [...shown]);
  return {
    messages: new Map(messages.map((message) => [message.id, message])),
    reactions: await countReactions(context, [...counted]),
  };
}

function toEvent(room: string, row: SelectedEvent, current: CurrentState): LogEvent {
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
function dataOf({ data }: SelectedEvent): EventData {
  return data === null ? {} : (JSON.parse(data) as EventData);
}

function roleOf(row: SelectedEvent): Role {
  return dataOf(row).role ?? ROLES[0];
}
