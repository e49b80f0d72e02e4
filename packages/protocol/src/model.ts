/** Rooms, messages and people as clients see them. Times are milliseconds since the Unix epoch. */

/** `id` is a UUIDv7; `number` is a small integer for URLs and the classic protocol. */
export interface Room {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly topic: string;
  /** Who can enter: everyone, invited members, or the two people of a direct conversation. */
  readonly kind: RoomKind;
  readonly staffOnly: boolean;
  readonly archived: boolean;
  /** Seconds that a member must wait between two messages; 0 turns slow mode off. */
  readonly slowModeSeconds: number;
  /** The two people of a direct conversation, which has no title of its own; empty for every other room. */
  readonly people: readonly RoomPerson[];
  /** The `seq` of the newest event in the room's log; 0 for an empty log. */
  readonly lastSeq: number;
  readonly createdAt: number;
}

export const ROOM_KINDS = ["open", "private", "direct"] as const;
export type RoomKind = (typeof ROOM_KINDS)[number];

/** Owners can do everything in the room; moderators everything that does not affect owners. Staff act as moderators. */
export const ROLES = ["member", "moderator", "owner"] as const;
export type Role = (typeof ROLES)[number];

/** A user's durable membership of a room. An open room can be read without one. */
export interface Member {
  readonly user: Author;
  readonly role: Role;
  readonly since: number;
  /** The end of the member's mute; null if the member is not muted. */
  readonly mutedUntil: number | null;
}

/** Keeps a user out of a room until a moderator lifts it. */
export interface Ban {
  readonly user: Author;
  /** null for a ban that was set on the command line. */
  readonly by: Author | null;
  readonly at: number;
}

/** A participant of a direct conversation. */
export interface RoomPerson extends Author {
  /** Set where the account is deactivated: the conversation is read-only until it is active again. */
  readonly deactivated?: true;
}

/** A room in a user's list. */
export interface RoomListEntry extends Room {
  /** The user's role; null for an open room that the user is not a member of. */
  readonly role: Role | null;
  readonly mutedUntil: number | null;
  /** Messages after the user's read marker; 100 means "100 or more". */
  readonly unread: number;
  /** Messages after the read marker that mention the user; 100 means "100 or more". */
  readonly mentions: number;
}

export interface Author {
  readonly id: string;
  readonly username: string;
}

/** `message` is what users write; the others are notices that staff and scripts post. */
export const MESSAGE_KINDS = ["message", "warning", "alert", "muted"] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

export const NOTICE_KINDS = ["warning", "alert", "muted"] as const satisfies readonly MessageKind[];
export type NoticeKind = (typeof NOTICE_KINDS)[number];

export interface Message {
  readonly id: string;
  readonly room: string;
  readonly seq: number;
  readonly kind: MessageKind;
  /** null for a notice that was not posted by an account. */
  readonly author: Author | null;
  /** The author's idempotency key, by which its client recognizes its own pending message. */
  readonly clientId: string;
  /** Empty for a deleted message, and for one that has files and no text. */
  readonly body: string;
  readonly createdAt: number;
  /** When the message was last edited; null if never. */
  readonly editedAt: number | null;
  /** When the message was deleted; null if it was not. A deleted message keeps its `seq` and loses its content. */
  readonly deletedAt: number | null;
  /** The current state of the message that this one replies to; null if it is not a reply. */
  readonly replyTo: QuotedMessage | null;
  /** Ids of the mentioned users, without the author. */
  readonly mentions: readonly string[];
  /**
   * The names of users that the body mentions, as `normalizeName` of `@multichat/protocol/markup` returns them. Only these are
   * shown as mentions.
   */
  readonly mentionNames: readonly string[];
  /** True if the body says `@all` and the author is allowed to. */
  readonly mentionsAll: boolean;
  readonly reactions: readonly Reaction[];
  readonly pinned: boolean;
  /** In the order in which its author sent them; left out where there are none, and where the message is deleted. */
  readonly files?: readonly MessageFile[];
}

/** A file of a message. An id stands for the same bytes forever. */
export interface MessageFile {
  /** A UUIDv7. `GET /api/files/:id/:name` returns the content. */
  readonly id: string;
  /** The name that its author's device gave it, without a path. */
  readonly name: string;
  /** The media type by the content; `application/octet-stream` where it is none of those that the server knows. */
  readonly type: string;
  readonly bytes: number;
  /** Pixels, as the image is displayed; only images whose size is known have both. */
  readonly width?: number;
  readonly height?: number;
}

/** The part of a message that its replies show. */
export interface QuotedMessage {
  readonly id: string;
  readonly seq: number;
  readonly author: Author | null;
  /** The first 140 characters of the body, or of the names of its files if it has no text; empty for a deleted message. */
  readonly excerpt: string;
}

export interface Reaction {
  readonly emoji: string;
  /** Ids of the first 100 users who reacted, in order. */
  readonly users: readonly string[];
  /** The total number of users who reacted. */
  readonly count: number;
  /** True if the requesting user reacted. Always false in a broadcast event: look the user up in `users` instead. */
  readonly mine: boolean;
}

export const PRESENCE_STATUSES = ["online", "away", "busy", "offline"] as const;
export type PresenceStatus = (typeof PRESENCE_STATUSES)[number];

/** A user's presence as others see it; of several devices, the most active one counts. */
export interface Presence {
  readonly user: string;
  readonly status: PresenceStatus;
  readonly text: string;
}

/** A message that matches a search, with its room. */
export interface SearchHit {
  readonly message: Message;
  readonly room: Pick<Room, "id" | "number" | "title">;
}

export interface Me {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly staff: boolean;
  readonly superuser: boolean;
  /** The user has to choose a new password before anything else. */
  readonly passwordChangeRequired?: boolean | undefined;
}

/** An account as staff sees it. */
export interface Person extends Me {
  readonly active: boolean;
  readonly createdAt: number;
}

/**
 * Whether people can still use an invitation, and why not. `withdrawn`: who made it has lost the right to create such accounts, and has
 * it back as soon as they are allowed to again.
 */
export const INVITATION_STATES = ["open", "used-up", "expired", "revoked", "withdrawn"] as const;

export type InvitationState = (typeof INVITATION_STATES)[number];

/** A link that lets people create their own accounts, as staff sees it. Its secret is only in the reply to its creation. */
export interface Invitation {
  readonly id: string;
  readonly state: InvitationState;
  /** Who made it; null for the command line. */
  readonly by: Author | null;
  readonly createdAt: number;
  /** null: never. */
  readonly expiresAt: number | null;
  /** null: any number of people. */
  readonly maxUses: number | null;
  readonly uses: number;
  /** The accounts are staff. */
  readonly staff: boolean;
  /** The rooms that the new accounts become members of, as far as the reader can see them. */
  readonly rooms: readonly { readonly id: string; readonly number: number; readonly title: string }[];
  /** The accounts that were created with it, the newest first, at most 100. */
  readonly people: readonly Author[];
}

/** A session of the user, as `GET /api/sessions` lists it. */
export interface Session {
  readonly id: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly userAgent: string | null;
  readonly address: string | null;
  /** True for the session of the request itself. */
  readonly current: boolean;
}

/** Who can create rooms. */
export const ROOM_CREATORS = ["staff", "everybody"] as const;

/** Which messages of a room notify a user. `default`: as the user's device is set; `nothing` also mutes the room in lists. */
export const ROOM_NOTIFY_LEVELS = ["default", "everything", "mentions", "nothing"] as const;
export type RoomNotifyLevel = (typeof ROOM_NOTIFY_LEVELS)[number];

/** What a user has set for a room, the same on all devices. */
export interface RoomPreference {
  /** The room's id. */
  readonly room: string;
  readonly notify: RoomNotifyLevel;
  readonly starred: boolean;
}

/** Who can mention everyone in a room with `@all`. */
export const ALL_MENTIONERS = ["staff", "moderators", "everybody"] as const;

/** Who can read earlier versions of an edited or deleted message. */
export const HISTORY_READERS = ["nobody", "staff", "everybody"] as const;

export interface Settings {
  readonly roomCreators: (typeof ROOM_CREATORS)[number];
  readonly allMentioners: (typeof ALL_MENTIONERS)[number];
  readonly historyReaders: (typeof HISTORY_READERS)[number];
}
