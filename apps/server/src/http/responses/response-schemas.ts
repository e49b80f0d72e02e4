import type {
  Author,
  Ban,
  HistoryPage,
  Me,
  Member,
  Message,
  Person,
  Room,
  RoomListEntry,
  SearchHit,
  Session,
  Settings,
} from "@multichat/protocol";
import {
  ALL_MENTIONERS,
  ERRORS,
  type ErrorCode,
  HISTORY_READERS,
  MESSAGE_KINDS,
  ROLES,
  ROOM_CREATORS,
  ROOM_KINDS,
} from "@multichat/protocol";
import { z } from "zod";

/**
 * The shapes of what goes out. Answers are written by these and nothing else leaves: a member that a store row or an
 * account carries besides is dropped here. Held to the protocol's types by the compiler.
 */

const seq = z.int().min(0);
const time = z.int().meta({ description: "Milliseconds since 1970 (UTC)." });

const author = z.object({ id: z.string(), username: z.string() }) satisfies z.ZodType<Author>;

export const room = z.object({
  id: z.string(),
  number: z.int(),
  title: z.string(),
  topic: z.string(),
  kind: z.enum(ROOM_KINDS),
  staffOnly: z.boolean(),
  archived: z.boolean(),
  slowModeSeconds: z.int().min(0),
  people: z.array(author).readonly(),
  lastSeq: seq,
  createdAt: time,
}) satisfies z.ZodType<Room>;

const mutedUntil = time.nullable().meta({ description: "Until when the person may not write here (UTC); null: may." });

export const roomListEntry = room.extend({
  role: z.enum(ROLES).nullable(),
  mutedUntil,
  unread: z.int().min(0),
  mentions: z.int().min(0),
}) satisfies z.ZodType<RoomListEntry>;

export const message = z.object({
  id: z.string(),
  room: z.string(),
  seq,
  kind: z.enum(MESSAGE_KINDS),
  author: author.nullable(),
  clientId: z.string(),
  body: z.string(),
  createdAt: time,
  editedAt: time.nullable(),
  deletedAt: time.nullable(),
  replyTo: z.object({ id: z.string(), seq, author: author.nullable(), excerpt: z.string() }).nullable(),
  mentions: z.array(z.string()).readonly(),
  mentionsAll: z.boolean(),
  reactions: z
    .array(
      z.object({
        emoji: z.string(),
        users: z.array(z.string()).readonly(),
        count: z.int().min(0),
        mine: z.boolean(),
      }),
    )
    .readonly(),
  pinned: z.boolean(),
}) satisfies z.ZodType<Message>;

/** Which event of the room's log the change is; where nothing was to be changed, the one that made it so. */
export const eventRef = z.object({ seq });

export const member = z.object({
  user: author,
  role: z.enum(ROLES),
  since: time,
  mutedUntil,
}) satisfies z.ZodType<Member>;

export const ban = z.object({
  user: author,
  by: author.nullable().meta({ description: "null: by the operator." }),
  at: time,
}) satisfies z.ZodType<Ban>;

export const searchHit = z.object({
  message,
  room: z.object({ id: z.string(), number: z.int(), title: z.string() }),
}) satisfies z.ZodType<SearchHit>;

export const historyPage = z.object({
  messages: z.array(message).readonly(),
  hasBefore: z.boolean(),
  hasAfter: z.boolean(),
}) satisfies z.ZodType<HistoryPage>;

export const me = z.object({
  id: z.string(),
  username: z.string(),
  email: z.string().nullable(),
  staff: z.boolean(),
  superuser: z.boolean(),
}) satisfies z.ZodType<Me>;

export const person = me.extend({ active: z.boolean(), createdAt: time }) satisfies z.ZodType<Person>;

export const session = z.object({
  id: z.string(),
  createdAt: time,
  lastSeenAt: time,
  userAgent: z.string().nullable(),
  address: z.string().nullable(),
  current: z.boolean(),
}) satisfies z.ZodType<Session>;

export const settings = z.object({
  roomCreators: z.enum(ROOM_CREATORS),
  allMentioners: z.enum(ALL_MENTIONERS),
  historyReaders: z.enum(HISTORY_READERS),
}) satisfies z.ZodType<Settings>;

export const limits = z.record(z.string(), z.number());

export const emptyResponse = z.object({});

const errorCodes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

export const errorResponse = z.object({
  error: z.object({
    code: z.enum(errorCodes),
    message: z.string(),
    retryAfter: z.number().optional().meta({ description: "Seconds to wait before trying again." }),
    issues: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .readonly()
      .optional()
      .meta({ description: "Where the input went wrong: paths into what was sent." }),
  }),
});
/** The answers of one route: the good one, and the one shape of every refusal. */
export function responses<S extends 200 | 201, T extends z.ZodType>(status: S, good: T) {
  return { [status]: good, "4xx": errorResponse, "5xx": errorResponse } as Record<S, T> &
    Record<"4xx" | "5xx", typeof errorResponse>;
}
