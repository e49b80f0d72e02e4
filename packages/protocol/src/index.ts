export type { ClassicEvent } from "./classic.ts";
export { CLASSIC_MESSAGE_TYPES } from "./classic.ts";
export type { CloseAdvice, CloseCode } from "./close-codes.ts";
export { CLOSE_CODES, closeAdvice } from "./close-codes.ts";
export type {
  CatchUp,
  Command,
  CommandName,
  CommandOf,
  Commands,
  HistoryPage,
  JoinedRoom,
  MemberState,
  MessageAddress,
  OkOf,
  Reply,
  ReplyOf,
  ResumedRoom,
  RoomAddress,
} from "./commands.ts";
export type { ErrorCode, WireError } from "./errors.ts";
export { ERRORS } from "./errors.ts";
export type { EphemeralEvent, LogEvent, RoomChanges, ServerEvent } from "./events.ts";
export type { Limits } from "./limits.ts";
export { LIMITS } from "./limits.ts";
export type {
  Author,
  Ban,
  Found,
  Me,
  Member,
  Message,
  MessageKind,
  NoticeKind,
  Person,
  Presence,
  PresenceStatus,
  Quoted,
  Reaction,
  Role,
  Room,
  RoomKind,
  RoomListEntry,
  Session,
  Settings,
} from "./model.ts";
export {
  ALL_MENTIONERS,
  HISTORY_READERS,
  MESSAGE_KINDS,
  NOTICE_KINDS,
  PRESENCE_STATUSES,
  ROLES,
  ROOM_CREATORS,
  ROOM_KINDS,
} from "./model.ts";
export { BEARER_PREFIX, SUBPROTOCOL } from "./subprotocol.ts";
