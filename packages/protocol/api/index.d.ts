declare const AUDIT_ACTIONS: readonly ["access.refuse", "backup", "database.copy", "invitation.create", "invitation.revoke", "password.change", "password.confirm", "password.reset", "person.change", "person.create", "person.sign-out", "reset-link.create", "restore", "room.change", "room.create", "room.delete", "session.end", "session.end-others", "session.expire", "settings.change", "setup", "sign-in", "sign-out"];
type AuditAction = (typeof AUDIT_ACTIONS)[number];
declare const AUDIT_OUTCOMES: readonly ["success", "failure", "refused"];
type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];
interface AuditFilter {
  readonly action?: AuditAction | undefined;
  readonly outcome?: AuditOutcome | undefined;
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}
interface AuditEntry {
  readonly n: number;
  readonly at: number;
  readonly action: AuditAction;
  readonly outcome: AuditOutcome;
  readonly actor: {
    readonly id: string;
    readonly username: string;
  } | null;
  readonly target: string | null;
  readonly address: string | null;
  readonly request: string | null;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
  readonly hash: string;
}
declare const CLASSIC_MESSAGE_TYPES: {
  readonly message: 0;
  readonly warning: 1;
  readonly alert: 2;
  readonly muted: 3;
  readonly entered: 4;
  readonly left: 5;
};
type ClassicEvent = {
  readonly join: string;
  readonly title: string;
} | {
  readonly leave: string;
} | {
  readonly error: string;
} | {
  readonly msg_type: 0 | 1 | 2 | 3;
  readonly room: number;
  readonly username: string;
  readonly message: string;
} | {
  readonly msg_type: 4 | 5;
  readonly room: number;
  readonly username: string;
};
declare const CLOSE_CODES: {
  readonly RECONNECT: 4000;
  readonly DRAINING: 4100;
  readonly TOO_SLOW: 4101;
  readonly HEARTBEAT_LOST: 4102;
  readonly SIGNED_OUT: 4200;
  readonly BANNED: 4201;
  readonly PROTOCOL_ERROR: 4202;
};
type CloseCode = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES];
type ReconnectPolicy = "immediate" | "backoff" | "never";
declare function getReconnectPolicy(code: number): ReconnectPolicy;
declare const ERRORS: {
  readonly USER_HAS_TO_LOGIN: {
    readonly status: 401;
    readonly message: "Sign in first.";
  };
  readonly SIGN_IN_FAILED: {
    readonly status: 401;
    readonly message: "Wrong username or password.";
  };
  readonly FORBIDDEN: {
    readonly status: 403;
    readonly message: "Your account is not allowed to do this.";
  };
  readonly CONFIRMATION_REQUIRED: {
    readonly status: 403;
    readonly message: "Confirm your password first.";
  };
  readonly PASSWORD_CHANGE_REQUIRED: {
    readonly status: 403;
    readonly message: "Choose a new password first.";
  };
  readonly ORIGIN_NOT_ALLOWED: {
    readonly status: 403;
    readonly message: "Requests from this origin are not allowed.";
  };
  readonly ROOM_INVALID: {
    readonly status: 404;
    readonly message: "There is no such room.";
  };
  readonly ROOM_ACCESS_DENIED: {
    readonly status: 403;
    readonly message: "You have not joined this room, or are not allowed to do this in it.";
  };
  readonly ROOM_ARCHIVED: {
    readonly status: 409;
    readonly message: "This room is archived and read-only.";
  };
  readonly MESSAGE_INVALID: {
    readonly status: 422;
    readonly message: "A message must be text, not empty, and within the length limit.";
  };
  readonly MESSAGE_CHANGED: {
    readonly status: 409;
    readonly message: "The message was edited meanwhile. Look at it again.";
  };
  readonly MESSAGE_NOT_FOUND: {
    readonly status: 404;
    readonly message: "There is no such message in this room.";
  };
  readonly FILE_NOT_FOUND: {
    readonly status: 404;
    readonly message: "A file of the message is not there any more. Upload it again.";
  };
  readonly MEMBER_MUTED: {
    readonly status: 403;
    readonly message: "You are muted in this room.";
  };
  readonly MEMBER_BANNED: {
    readonly status: 403;
    readonly message: "This person is banned from the room. Lift the ban first.";
  };
  readonly LAST_OWNER: {
    readonly status: 409;
    readonly message: "This is the room's last owner. Make another member an owner first.";
  };
  readonly SLOW_MODE: {
    readonly status: 429;
    readonly message: "This room is in slow mode. Wait before you send another message.";
  };
  readonly LIMIT_EXCEEDED: {
    readonly status: 409;
    readonly message: "A limit is reached. Remove something first.";
  };
  readonly SEARCH_INVALID: {
    readonly status: 400;
    readonly message: "The search query is invalid.";
  };
  readonly PERSON_NOT_FOUND: {
    readonly status: 404;
    readonly message: "There is no such person.";
  };
  readonly PERSON_DEACTIVATED: {
    readonly status: 409;
    readonly message: "This person's account is deactivated.";
  };
  readonly USERNAME_TAKEN: {
    readonly status: 409;
    readonly message: "This username is already taken.";
  };
  readonly USERNAME_CONFUSABLE: {
    readonly status: 409;
    readonly message: "This username looks like the name of another account.";
  };
  readonly USERNAME_RESERVED: {
    readonly status: 409;
    readonly message: "This username is reserved.";
  };
  readonly LAST_SUPERUSER: {
    readonly status: 409;
    readonly message: "This is the last active superuser. Make another account a superuser first.";
  };
  readonly SESSION_NOT_FOUND: {
    readonly status: 404;
    readonly message: "There is no such session.";
  };
  readonly SETUP_CLOSED: {
    readonly status: 404;
    readonly message: "This server is already set up, or the setup address is wrong.";
  };
  readonly LINK_INVALID: {
    readonly status: 404;
    readonly message: "This link has been used, has expired, or was revoked. Ask for a new one.";
  };
  readonly COMMAND_UNKNOWN: {
    readonly status: 404;
    readonly message: "There is no such command.";
  };
  readonly COMMAND_INVALID: {
    readonly status: 400;
    readonly message: "The command is malformed.";
  };
  readonly RATE_LIMITED: {
    readonly status: 429;
    readonly message: "You're sending too fast. Wait a moment.";
  };
  readonly PAYLOAD_TOO_LARGE: {
    readonly status: 413;
    readonly message: "The payload is larger than the limit.";
  };
  readonly UNSUPPORTED_MEDIA_TYPE: {
    readonly status: 415;
    readonly message: "Send JSON in UTF-8.";
  };
  readonly METHOD_NOT_ALLOWED: {
    readonly status: 405;
    readonly message: "This HTTP method is not supported.";
  };
  readonly REQUEST_TIMEOUT: {
    readonly status: 408;
    readonly message: "The request did not arrive in time.";
  };
  readonly TOO_MANY_CONNECTIONS: {
    readonly status: 429;
    readonly message: "This account has too many open connections.";
  };
  readonly UNAVAILABLE: {
    readonly status: 503;
    readonly message: "The server is temporarily unavailable. Try again.";
  };
  readonly NOT_FOUND: {
    readonly status: 404;
    readonly message: "There is nothing at this address.";
  };
  readonly INTERNAL: {
    readonly status: 500;
    readonly message: "The server failed. The failure has been logged.";
  };
};
type ErrorCode = keyof typeof ERRORS;
interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfter?: number;
  readonly issues?: readonly {
    readonly path: string;
    readonly message: string;
  }[];
}
interface Room {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly topic: string;
  readonly kind: RoomKind;
  readonly staffOnly: boolean;
  readonly archived: boolean;
  readonly slowModeSeconds: number;
  readonly people: readonly RoomPerson[];
  readonly lastSeq: number;
  readonly createdAt: number;
}
declare const ROOM_KINDS: readonly ["open", "private", "direct"];
type RoomKind = (typeof ROOM_KINDS)[number];
declare const ROLES: readonly ["member", "moderator", "owner"];
type Role = (typeof ROLES)[number];
interface Member {
  readonly user: Author;
  readonly role: Role;
  readonly since: number;
  readonly mutedUntil: number | null;
}
interface Ban {
  readonly user: Author;
  readonly by: Author | null;
  readonly at: number;
}
interface RoomPerson extends Author {
  readonly deactivated?: true;
}
interface RoomListEntry extends Room {
  readonly role: Role | null;
  readonly mutedUntil: number | null;
  readonly unread: number;
  readonly mentions: number;
}
interface Author {
  readonly id: string;
  readonly username: string;
}
declare const MESSAGE_KINDS: readonly ["message", "warning", "alert", "muted"];
type MessageKind = (typeof MESSAGE_KINDS)[number];
declare const NOTICE_KINDS: readonly ["warning", "alert", "muted"];
type NoticeKind = (typeof NOTICE_KINDS)[number];
interface Message {
  readonly id: string;
  readonly room: string;
  readonly seq: number;
  readonly kind: MessageKind;
  readonly author: Author | null;
  readonly clientId: string;
  readonly body: string;
  readonly createdAt: number;
  readonly editedAt: number | null;
  readonly deletedAt: number | null;
  readonly replyTo: QuotedMessage | null;
  readonly mentions: readonly string[];
  readonly mentionNames: readonly string[];
  readonly mentionsAll: boolean;
  readonly reactions: readonly Reaction[];
  readonly pinned: boolean;
  readonly files?: readonly MessageFile[];
}
interface MessageFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  readonly width?: number;
  readonly height?: number;
}
interface QuotedMessage {
  readonly id: string;
  readonly seq: number;
  readonly author: Author | null;
  readonly excerpt: string;
}
interface Reaction {
  readonly emoji: string;
  readonly users: readonly string[];
  readonly count: number;
  readonly mine: boolean;
}
declare const PRESENCE_STATUSES: readonly ["online", "away", "busy", "offline"];
type PresenceStatus = (typeof PRESENCE_STATUSES)[number];
interface Presence {
  readonly user: string;
  readonly status: PresenceStatus;
  readonly text: string;
}
interface SearchHit {
  readonly message: Message;
  readonly room: Pick<Room, "id" | "number" | "title">;
}
interface Me {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly staff: boolean;
  readonly superuser: boolean;
  readonly passwordChangeRequired?: boolean | undefined;
}
interface Person extends Me {
  readonly active: boolean;
  readonly createdAt: number;
}
declare const INVITATION_STATES: readonly ["open", "used-up", "expired", "revoked", "withdrawn"];
type InvitationState = (typeof INVITATION_STATES)[number];
interface Invitation {
  readonly id: string;
  readonly state: InvitationState;
  readonly by: Author | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly maxUses: number | null;
  readonly uses: number;
  readonly staff: boolean;
  readonly rooms: readonly {
    readonly id: string;
    readonly number: number;
    readonly title: string;
  }[];
  readonly people: readonly Author[];
}
interface Session {
  readonly id: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly userAgent: string | null;
  readonly address: string | null;
  readonly current: boolean;
}
declare const ROOM_CREATORS: readonly ["staff", "everybody"];
declare const ROOM_NOTIFY_LEVELS: readonly ["default", "everything", "mentions", "nothing"];
type RoomNotifyLevel = (typeof ROOM_NOTIFY_LEVELS)[number];
interface RoomPreference {
  readonly room: string;
  readonly notify: RoomNotifyLevel;
  readonly starred: boolean;
}
declare const ALL_MENTIONERS: readonly ["staff", "moderators", "everybody"];
declare const HISTORY_READERS: readonly ["nobody", "staff", "everybody"];
interface Settings {
  readonly roomCreators: (typeof ROOM_CREATORS)[number];
  readonly allMentioners: (typeof ALL_MENTIONERS)[number];
  readonly historyReaders: (typeof HISTORY_READERS)[number];
}
type LogEvent = {
  readonly on: "message.posted";
  readonly room: string;
  readonly seq: number;
  readonly message: Message;
} | {
  readonly on: "room.created";
  readonly room: string;
  readonly seq: number;
  readonly by: Author | null;
} | {
  readonly on: "room.changed";
  readonly room: string;
  readonly seq: number;
  readonly by: Author | null; /** Only the properties that changed. */
  readonly changes: RoomPatch;
} | {
  readonly on: "message.edited";
  readonly room: string;
  readonly seq: number; /** The current message; its own `seq` stays that of its posting. */
  readonly message: Message;
  readonly by: Author | null;
} | {
  readonly on: "message.deleted";
  readonly room: string;
  readonly seq: number;
  readonly message: string;
  readonly deletedAt: number;
  readonly by: Author | null;
} | {
  readonly on: "reaction.added" | "reaction.removed";
  readonly room: string;
  readonly seq: number;
  readonly message: string;
  readonly emoji: string;
  readonly user: Author; /** The current number of reactions with this emoji; it can exceed the number of `users` that a message lists. */
  readonly count: number;
} | {
  readonly on: "message.pinned" | "message.unpinned";
  readonly room: string;
  readonly seq: number;
  readonly message: string;
  readonly by: Author | null;
} | {
  readonly banned: boolean;
  readonly by: Author | null;
} | {
  readonly on: "member.changed";
  readonly room: string;
  readonly seq: number;
  readonly user: Author;
  readonly role: Role;
  readonly mutedUntil: number | null;
  readonly by: Author | null;
};
interface RoomPatch {
  readonly title?: string;
  readonly topic?: string;
  readonly staffOnly?: boolean;
  readonly archived?: boolean;
  readonly kind?: Exclude<RoomKind, "direct">;
  readonly slowModeSeconds?: number;
}
type EphemeralEvent = /** A room was added to the user's list, or changed; `entry` replaces the entry in the list. */{
  readonly on: "room.listed";
  readonly room: string;
  readonly entry: Room; /** The user's membership, only if it changed. */
  readonly membership?: {
    readonly role: Role | null;
    readonly mutedUntil: number | null;
  };
} /** The room left the user's list. Whether it was deleted or the user lost access is deliberately not disclosed. */ | {
  readonly on: "room.unlisted";
  readonly room: string;
} /** A user joined or left the room; only with NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS. `count`: as of `room.occupancy`. */ | {
  readonly on: "room.entered";
  readonly room: string;
  readonly user: Author;
  readonly count?: number;
} | {
  readonly on: "room.exited";
  readonly room: string;
  readonly user: Author;
  readonly count?: number;
} /** Several did, or the room is large. At most four of these three a second and room. */ | {
  readonly on: "room.occupancy";
  readonly room: string; /** The users whose connections have joined the room. */
  readonly count: number; /** Left out for a large room, and where only the number has changed. At most 50 names in both. */
  readonly entered?: readonly Author[];
  readonly exited?: readonly Author[];
} /** The user is typing; expires after 6 seconds unless it is repeated. */ | {
  readonly on: "typing.started" | "typing.stopped";
  readonly room: string;
  readonly user: Author;
} | {
  readonly on: "presence.changed";
  readonly user: string;
  readonly status: PresenceStatus;
  readonly text: string;
} /** The user's read marker moved, on this or another device. */ | {
  readonly on: "room.read";
  readonly room: string;
  readonly seq: number; /** As `readRevision` of `MemberState`. */
  readonly revision?: number;
  readonly unread: number;
  readonly mentions: number;
} /** The user set something else for the room, on this or another device. */ | {
  readonly on: "preference.changed";
  readonly room: string;
  readonly notify: RoomNotifyLevel;
  readonly starred: boolean;
} /** The user's own name or flags changed. */ | {
  readonly on: "me.changed";
  readonly me: Me;
} /** The server is about to stop. Reconnect in `reconnectAfter` milliseconds, which differs for each client. */ | {
  readonly on: "server.draining";
  readonly reconnectAfter: number;
};
type ServerEvent = LogEvent | EphemeralEvent;
declare const LIMITS: {
  readonly frameBytes: 65536; /** Sustained commands per second on one connection; bursts may be twice as large. */
  readonly commandsPerSecond: 50; /** Open connections of one account. */
  readonly connectionsPerUser: 20; /** Rooms that one connection can have joined at the same time. */
  readonly roomsPerConnection: 200; /** Messages in one page of history. */
  readonly historyPage: 100; /** Events that a join or resume replays for one room; with more, the answer is a `reset`. */
  readonly resumeEvents: 500; /** Characters of a room's title. */
  readonly roomTitleChars: 80; /** Characters of a room's topic. */
  readonly roomTopicChars: 250; /** Distinct emoji on one message. */
  readonly reactionsPerMessage: 20; /** Characters of an emoji (a family of five with skin tones has 15). */
  readonly emojiChars: 24; /** Pinned messages of a room. */
  readonly pinsPerRoom: 50; /** Bytes of one uploaded file; 0 where the server takes no files. */
  readonly fileBytes: 104857600; /** Files of one message. */
  readonly filesPerMessage: 10; /** Characters (code points) of a file's name. */
  readonly fileNameChars: 200; /** Entries in a list of members or bans. */
  readonly peopleListed: 500; /** Characters of a search query. */
  readonly searchChars: 200; /** Search results in one answer. */
  readonly searchPage: 50; /** Characters of a status text. */
  readonly presenceTextChars: 80; /** Maximum of a room's slow mode interval, in seconds. */
  readonly slowModeMaxSeconds: 3600; /** Characters of a username. */
  readonly usernameChars: 32; /** Minimum characters of a password. */
  readonly passwordMinChars: 8; /** Maximum characters of a password; bounds the work of argon2. */
  readonly passwordMaxChars: 200;
};
type Limits = { readonly [name in keyof typeof LIMITS]: number };
type RoomAddress = string | number;
interface HistoryPage {
  readonly messages: readonly Message[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}
type CatchUp = {
  readonly reset: false;
  readonly events: readonly LogEvent[];
} | {
  readonly reset: true;
  readonly page: HistoryPage;
};
interface MemberState {
  readonly role: Role | null;
  readonly mutedUntil: number | null;
  readonly readSeq: number;
  readonly readRevision?: number;
  readonly unread: number;
  readonly mentions: number;
}
type JoinedRoom = CatchUp & {
  readonly room: Room;
  readonly state: MemberState; /** The users whose connections have joined the room; only with NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS. */
  readonly occupants?: number;
};
type ResumedRoom = JoinedRoom | {
  readonly gone: true;
};
interface MessageAddress {
  readonly room: RoomAddress;
  readonly message: string;
}
interface Idempotent {
  readonly clientId?: string;
}
interface Commands {
  "room.list": {
    params: Record<never, never>;
    result: {
      readonly rooms: readonly RoomListEntry[];
      readonly me: Me;
      readonly epoch: string; /** The limits of this server. Earlier servers leave them out. */
      readonly limits?: Limits;
    };
  };
  "room.join": {
    params: {
      readonly room: RoomAddress;
      readonly since?: number;
    };
    result: JoinedRoom;
  };
  "room.leave": {
    params: {
      readonly room: RoomAddress;
    };
    result: Record<never, never>;
  };
  "message.send": {
    params: {
      readonly room: RoomAddress;
      readonly clientId: string; /** Can be empty where there are files. */
      readonly body: string; /** The id of the message in the same room that this one replies to. */
      readonly replyTo?: string; /** Ids of the user's own uploads to this room that are in no message yet, in the order in which they are shown. */
      readonly files?: readonly string[];
    };
    result: {
      readonly seq: number;
      readonly message: Message;
    };
  };
  "message.edit": {
    params: MessageAddress & Idempotent & {
      readonly body: string;
      readonly expectedEditedAt?: number | null;
    };
    result: {
      readonly seq: number;
      readonly message: Message;
    };
  };
  "message.delete": {
    params: MessageAddress & Idempotent;
    result: {
      readonly seq: number;
    };
  };
  "message.pin": {
    params: MessageAddress & Idempotent;
    result: {
      readonly seq: number;
    };
  };
  "message.unpin": {
    params: MessageAddress & Idempotent;
    result: {
      readonly seq: number;
    };
  };
  "message.history": {
    params: MessageAddress;
    result: {
      readonly versions: readonly {
        readonly body: string;
        readonly at: number;
        readonly by: Author | null;
      }[];
    };
  };
  "reaction.add": {
    params: MessageAddress & Idempotent & {
      readonly emoji: string;
    };
    result: {
      readonly seq: number;
    };
  };
  "reaction.remove": {
    params: MessageAddress & Idempotent & {
      readonly emoji: string;
    };
    result: {
      readonly seq: number;
    };
  };
  "pin.list": {
    params: {
      readonly room: RoomAddress;
    };
    result: {
      readonly messages: readonly Message[];
    };
  };
  "room.create": {
    params: {
      readonly clientId: string;
      readonly title: string;
      readonly topic?: string;
      readonly staffOnly?: boolean;
      readonly private?: boolean;
    };
    result: {
      readonly room: Room;
    };
  };
  "direct.open": {
    params: {
      readonly user: string;
    };
    result: {
      readonly room: Room;
    };
  };
  "member.list": {
    params: {
      readonly room: RoomAddress;
    };
    result: {
      readonly members: readonly Member[];
      readonly count: number;
    };
  };
  "member.bans": {
    params: {
      readonly room: RoomAddress;
    };
    result: {
      readonly banned: readonly Ban[];
      readonly count: number;
    };
  };
  "member.add": {
    params: Idempotent & {
      readonly room: RoomAddress;
      readonly user?: string;
      readonly role?: Role;
    };
    result: {
      readonly seq: number;
    };
  };
  "member.remove": {
    params: Idempotent & {
      readonly room: RoomAddress;
      readonly user?: string;
      readonly ban?: boolean;
    };
    result: {
      readonly seq: number;
    };
  };
  "member.change": {
    params: Idempotent & {
      readonly room: RoomAddress;
      readonly user: string;
      readonly role?: Role;
      readonly muteSeconds?: number;
    };
    result: {
      readonly seq: number;
    };
  };
  "typing.start": {
    params: {
      readonly room: RoomAddress;
    };
    result: Record<never, never>;
  };
  "typing.stop": {
    params: {
      readonly room: RoomAddress;
    };
    result: Record<never, never>;
  };
  "presence.set": {
    params: {
      readonly status: PresenceStatus;
      readonly text?: string;
    };
    result: Record<never, never>;
  };
  "presence.list": {
    params: {
      readonly users: readonly string[];
    };
    result: {
      readonly presences: readonly Presence[];
    };
  };
  "people.find": {
    params: {
      readonly query: string;
      readonly room?: RoomAddress;
    };
    result: {
      readonly people: readonly Author[];
    };
  };
  "message.search": {
    params: {
      readonly query: string;
      readonly cursor?: string;
      readonly limit?: number;
    };
    result: {
      readonly found: readonly SearchHit[];
      readonly cursor: string | null; /** Present while some messages are not indexed yet, and cannot be found. */
      readonly behind?: true;
    };
  };
  "history.page": {
    params: {
      readonly room: RoomAddress;
      readonly before?: number;
      readonly after?: number;
      readonly around?: number;
      readonly limit?: number;
    };
    result: HistoryPage;
  };
  "room.read": {
    params: {
      readonly room: RoomAddress;
      readonly seq: number;
      readonly revision?: number;
    };
    result: MemberState;
  };
  "preference.list": {
    params: Record<never, never>;
    result: {
      readonly preferences: readonly RoomPreference[];
    };
  };
  "preference.set": {
    params: {
      readonly room: RoomAddress;
      readonly notify?: RoomNotifyLevel;
      readonly starred?: boolean;
    };
    result: RoomPreference;
  };
  resume: {
    params: {
      readonly rooms: Readonly<Record<string, number>>;
      readonly epoch: string;
    };
    result: {
      readonly rooms: Readonly<Record<string, ResumedRoom>>;
      readonly epoch: string;
    };
  };
  ping: {
    params: Record<never, never>;
    result: Record<never, never>;
  };
}
type CommandName = keyof Commands;
type CommandOf<N extends CommandName> = {
  readonly id: number;
  readonly do: N;
} & CommandParams<N>;
type Command = { [N in CommandName]: CommandOf<N> }[CommandName];
type CommandParams<N extends CommandName> = Commands[N]["params"];
type CommandResult<N extends CommandName> = Commands[N]["result"];
type CommandReply<N extends CommandName> = {
  readonly re: number;
  readonly ok: CommandResult<N>;
} | {
  readonly re: number;
  readonly error: WireError;
};
type Reply = {
  readonly re: number;
  readonly ok: unknown;
} | {
  readonly re: number | null;
  readonly error: WireError;
};
declare function qualifyEmoji(text: string): string;
declare const ERROR_ALIASES: {
  readonly MESSAGE_UNKNOWN: "MESSAGE_NOT_FOUND";
  readonly PERSON_INVALID: "PERSON_NOT_FOUND";
  readonly SESSION_INVALID: "SESSION_NOT_FOUND";
};
type ErrorAlias = keyof typeof ERROR_ALIASES;
declare function canonicalErrorCode(code: string): ErrorCode;
declare const ADDRESSING_WORDS: readonly string[];
declare const OFFICIAL_WORDS: readonly string[];
declare const SUBPROTOCOL = "multichat.v1";
declare const BEARER_PREFIX = "bearer.";
export { ADDRESSING_WORDS, ALL_MENTIONERS, AUDIT_ACTIONS, AUDIT_OUTCOMES, type AuditAction, type AuditEntry, type AuditFilter, type AuditOutcome, type Author, BEARER_PREFIX, type Ban, CLASSIC_MESSAGE_TYPES, CLOSE_CODES, type CatchUp, type ClassicEvent, type CloseCode, type Command, type CommandName, type CommandOf, type CommandParams, type CommandReply, type CommandResult, type Commands, ERRORS, ERROR_ALIASES, type EphemeralEvent, type ErrorAlias, type ErrorCode, HISTORY_READERS, type HistoryPage, INVITATION_STATES, type Invitation, type InvitationState, type JoinedRoom, LIMITS, type Limits, type LogEvent, MESSAGE_KINDS, type Me, type Member, type MemberState, type Message, type MessageAddress, type MessageFile, type MessageKind, NOTICE_KINDS, type NoticeKind, OFFICIAL_WORDS, PRESENCE_STATUSES, type Person, type Presence, type PresenceStatus, type QuotedMessage, ROLES, ROOM_CREATORS, ROOM_KINDS, ROOM_NOTIFY_LEVELS, type Reaction, type ReconnectPolicy, type Reply, type ResumedRoom, type Role, type Room, type RoomAddress, type RoomKind, type RoomListEntry, type RoomNotifyLevel, type RoomPatch, type RoomPerson, type RoomPreference, SUBPROTOCOL, type SearchHit, type ServerEvent, type Session, type Settings, type WireError, canonicalErrorCode, getReconnectPolicy, qualifyEmoji };