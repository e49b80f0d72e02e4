import { type Author, type LogEvent, type Message, ROLES, type Role, type RoomPatch } from "@multichat/protocol";
import type { Kysely } from "kysely";
import { prepared } from "../database/prepared.ts";
import type { EventRow, Tables } from "../database/tables.ts";
import { messagesWith } from "../messages/find-messages.ts";
import { toAuthor } from "../messages/message-row.ts";
import { reactionCounts } from "../messages/reactions.ts";

type EventShape = Omit<EventRow, "room">;

const logAfter = prepared<{ room: string; since: number; limit: number }, EventShape>((db, hole) =>
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
  const now = await stateNow(db, rows);
  return rows.map((row) => toEvent(room, row, now));
}

/** What events tell of the present, not of their time. */
interface Present {
  readonly messages: ReadonlyMap<string, Message>;
  readonly reactions: (message: string, emoji: string) => number;
}

/** Two queries and one for the reactions, however many events. */
async function stateNow(db: Kysely<Tables>, rows: readonly EventShape[]): Promise<Present> {
  const shown = new Set<string>();
  const counted = new Set<string>();
  for (const { kind, message } of rows) {
    if (message === null) continue;
    if (kind === "message.posted" || kind === "message.edited") shown.add(message);
    if (kind === "reaction.added" || kind === "reaction.removed") counted.add(message);
  }
  const messages = await messagesWith(db, [...shown]);
  return {
    messages: new Map(messages.map((message) => [message.id, message])),
    reactions: await reactionCounts(db, [...counted]),
  };
}

function toEvent(room: string, row: EventShape, now: Present): LogEvent {
  const { seq } = row;
  const by = toAuthor(row.actor, row.actor_name);
  const id = row.message ?? "";
  const subject = toAuthor(row.subject, row.subject_name) ?? NOBODY;
  switch (row.kind) {
    case "message.posted": {
      const message = now.messages.get(id);
      return message === undefined ? nothing(room, seq, by) : { on: row.kind, room, seq, message };
    }
    case "message.edited": {
      const message = now.messages.get(id);
      return message === undefined ? nothing(room, seq, by) : { on: row.kind, room, seq, message, by };
    }
    case "message.deleted":
      return { on: row.kind, room, seq, message: id, deletedAt: row.at, by };
    case "message.pinned":
    case "message.unpinned":
      return { on: row.kind, room, seq, message: id, by };
    case "reaction.added":
    case "reaction.removed": {
      const { emoji = "" } = dataOf(row);
      return { on: row.kind, room, seq, message: id, emoji, user: by ?? NOBODY, count: now.reactions(id, emoji) };
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
      return nothing(room, seq, by);
  }
}

/**
 * What stands for an event that cannot be told: of a kind that this version does not know, or of a row that is gone. It
 * changes nothing but keeps its seq, so that the rest of the log is still one unbroken piece.
 */
function nothing(room: string, seq: number, by: Author | null): LogEvent {
  return { on: "room.changed", room, seq, by, changes: {} };
}

const NOBODY: Author = { id: "", username: "" };

interface EventData extends RoomPatch {
  readonly emoji?: string;
  readonly banned?: boolean;
  readonly role?: Role;
  readonly mutedUntil?: number | null;
}

/** Written by `logEvent` alone, each kind with what belongs to it. */
function dataOf({ data }: EventShape): EventData {
  return data === null ? {} : (JSON.parse(data) as EventData);
}

function roleOf(row: EventShape): Role {
  return dataOf(row).role ?? ROLES[0];
}
