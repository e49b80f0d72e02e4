import type {
  Author,
  Ban,
  HistoryPage,
  Me,
  Member,
  MemberState,
  Message,
  MessageFile,
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
 * The schemas that responses are serialized with. Properties that a stored row or an account has in addition are dropped.
 * The compiler checks the schemas against the protocol's types.
 */

const seq = z.int().min(0);
export const time = z.int().meta({ description: "Milliseconds since the Unix epoch." });

export const author = z.object({ id: z.string(), username: z.string() }) satisfies z.ZodType<Author>;

export const room = z.object({
  id: z.string(),
  number: z.int(),
  title: z.string(),
  topic: z.string(),
  kind: z.enum(ROOM_KINDS),
  staffOnly: z.boolean(),
  archived: z.boolean(),
  slowModeSeconds: z.int().min(0),
  people: z.array(author.extend({ deactivated: z.literal(true).exactOptional() })).readonly(),
  lastSeq: seq,
  createdAt: time,
}) satisfies z.ZodType<Room>;

const mutedUntil = time.nullable().meta({ description: "The end of the mute; null if the user is not muted." });

export const roomListEntry = room.extend({
  role: z.enum(ROLES).nullable(),
  mutedUntil,
  unread: z.int().min(0),
  mentions: z.int().min(0),
}) satisfies z.ZodType<RoomListEntry>;

export const memberState = z.object({
  role: z.enum(ROLES).nullable(),
  mutedUntil,
  readSeq: seq,
  readRevision: z
    .int()
    .min(1)
    .exactOptional()
    .meta({ description: "How often the user has moved the read marker back; missing: never." }),
  unread: z.int().min(0),
  mentions: z.int().min(0),
}) satisfies z.ZodType<MemberState>;

export const messageFile = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string().meta({ description: "The media type by the content." }),
  bytes: z.int().min(0),
  width: z.int().min(1).exactOptional(),
  height: z.int().min(1).exactOptional(),
}) satisfies z.ZodType<MessageFile>;

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
  mentionNames: z.array(z.string()).readonly(),
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
  files: z.array(messageFile).readonly().exactOptional(),
}) satisfies z.ZodType<Message>;

/** The event of the room's log that made the change; for a repeat, the earlier event that made it. */
export const eventRef = z.object({ seq });

export const member = z.object({
  user: author,
  role: z.enum(ROLES),
  since: time,
  mutedUntil,
}) satisfies z.ZodType<Member>;

export const ban = z.object({
  user: author,
  by: author.nullable().meta({ description: "null for a ban set on the command line." }),
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
  passwordChangeRequired: z
    .boolean()
    .optional()
    .meta({ description: "The user has to choose a new password before anything else." }),
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
      .meta({ description: "What is wrong with the input; paths into the request." }),
  }),
});

/** Returns the response schemas of a route: the successful response, and the shape of every error. */
export function responses<S extends 200 | 201, T extends z.ZodType>(status: S, success: T) {
  return { [status]: success, "4xx": errorResponse, "5xx": errorResponse } as Record<S, T> &
    Record<"4xx" | "5xx", typeof errorResponse>;
}
