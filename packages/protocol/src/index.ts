export type { AuditAction, AuditEntry, AuditFilter, AuditOutcome } from "./audit.ts";
export { AUDIT_ACTIONS, AUDIT_OUTCOMES } from "./audit.ts";
export type { ClassicEvent } from "./classic.ts";
export { CLASSIC_MESSAGE_TYPES } from "./classic.ts";
export type { CloseCode, ReconnectPolicy } from "./close-codes.ts";
export { CLOSE_CODES, getReconnectPolicy } from "./close-codes.ts";
export type {
  CatchUp,
  Command,
  CommandName,
  CommandOf,
  CommandParams,
  CommandReply,
  CommandResult,
  Commands,
  HistoryPage,
  JoinedRoom,
  MemberState,
  MessageAddress,
  Reply,
  ResumedRoom,
  RoomAddress,
} from "./commands.ts";
export { qualifyEmoji } from "./emoji.ts";
export { canonicalErrorCode, ERROR_ALIASES, type ErrorAlias } from "./error-aliases.ts";
export { ERRORS, type ErrorCode, type WireError } from "./errors.ts";
export type { EphemeralEvent, LogEvent, RoomPatch, ServerEvent } from "./events.ts";
export type { Limits } from "./limits.ts";
export { LIMITS } from "./limits.ts";
export type {
  Author,
  Ban,
  Invitation,
  InvitationState,
  Me,
  Member,
  Message,
  MessageFile,
  MessageKind,
  NoticeKind,
  Person,
  Presence,
  PresenceStatus,
  QuotedMessage,
  Reaction,
  Role,
  Room,
  RoomKind,
  RoomListEntry,
  RoomNotifyLevel,
  RoomPerson,
  RoomPreference,
  SearchHit,
  Session,
  Settings,
} from "./model.ts";
export {
  ALL_MENTIONERS,
  HISTORY_READERS,
  INVITATION_STATES,
  MESSAGE_KINDS,
  NOTICE_KINDS,
  PRESENCE_STATUSES,
  ROLES,
  ROOM_CREATORS,
  ROOM_KINDS,
  ROOM_NOTIFY_LEVELS,
} from "./model.ts";
export { ADDRESSING_WORDS, OFFICIAL_WORDS } from "./names/reserved-names.ts";
export { BEARER_PREFIX, SUBPROTOCOL } from "./subprotocol.ts";
