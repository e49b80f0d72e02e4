/** What travels: rooms, messages and people as a client sees them. Times are milliseconds since 1970 (UTC). */

/** A room's id is a UUIDv7; its number is a small integer for people, addresses and the classic protocol. */
export interface Room {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly topic: string;
  /** Who it is for: everybody, those who were invited, or the two people of a direct conversation. */
  readonly kind: RoomKind;
  readonly staffOnly: boolean;
  readonly archived: boolean;
  /** Seconds that a member waits between two messages; 0: no waiting. */
  readonly slowModeSeconds: number;
  /** The two people of a direct conversation; empty for every other room. A direct room has no title of its own. */
  readonly people: readonly Author[];
  /** The seq of the newest event in the room's log; 0 when it has none. */
  readonly lastSeq: number;
  readonly createdAt: number;
}

export const ROOM_KINDS = ["open", "private", "direct"] as const;
export type RoomKind = (typeof ROOM_KINDS)[number];

/** An owner may do everything in the room, a moderator everything but touch owners. Staff are moderators where they may enter. */
export const ROLES = ["member", "moderator", "owner"] as const;
export type Role = (typeof ROLES)[number];

/** A person's lasting membership of a room. Open rooms can be read without one. */
export interface Member {
  readonly user: Author;
  readonly role: Role;
  readonly since: number;
  /** Until when the person may not write here; null: may write. */
  readonly mutedUntil: number | null;
}

/** That somebody is kept out of a room, until a moderator lifts it. */
export interface Ban {
  readonly user: Author;
  /** null: the operator's doing, by the command line. */
  readonly by: Author | null;
  readonly at: number;
}

/** A room in one person's list. */
export interface RoomListEntry extends Room {
  /** The person's membership; null: not a member (of an open room). */
  readonly role: Role | null;
  readonly mutedUntil: number | null;
  /** Messages after the person's read marker, counted up to 100: 100 means "100 or more". */
  readonly unread: number;
  /** Messages after the read marker that mention the person, counted up to 100. */
  readonly mentions: number;
}

export interface Author {
  readonly id: string;
  readonly username: string;
}

/** Kinds of message: what people write, and the notices that staff and scripts place in a room. */
export const MESSAGE_KINDS = ["message", "warning", "alert", "muted"] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

export const NOTICE_KINDS = ["warning", "alert", "muted"] as const satisfies readonly MessageKind[];
export type NoticeKind = (typeof NOTICE_KINDS)[number];

export interface Message {
  readonly id: string;
  readonly room: string;
  readonly seq: number;
  readonly kind: MessageKind;
  /** null for a notice that no account wrote. */
  readonly author: Author | null;
  /** What the author's client named it: how one's own pending message is found again. */
  readonly clientId: string;
  /** Empty when the message was deleted. */
  readonly body: string;
  readonly createdAt: number;
  /** When it was last edited; null: never. */
  readonly editedAt: number | null;
  /** When it was deleted; null: it is there. A deleted message keeps its place and loses everything else. */
  readonly deletedAt: number | null;
  /** The message that it answers, as that one is now; null: it answers none. */
  readonly replyTo: Quoted | null;
  /** The ids of the people it mentions. */
  readonly mentions: readonly string[];
  /** It says `@all`, and its author may. */
  readonly mentionsAll: boolean;
  readonly reactions: readonly Reaction[];
  readonly pinned: boolean;
}

/** What a message shows of the one that it answers. */
export interface Quoted {
  readonly id: string;
  readonly seq: number;
  readonly author: Author | null;
  /** The beginning of the body, at most 140 characters; empty when that message was deleted. */
  readonly excerpt: string;
}

export interface Reaction {
  readonly emoji: string;
  /** Who reacted, in order; at most the first 100. */
  readonly users: readonly string[];
  /** How many in all. */
  readonly count: number;
  /** Whether the asker is among them. In an event that goes to everybody it is false: look for yourself in `users`. */
  readonly mine: boolean;
}

export const PRESENCE_STATUSES = ["online", "away", "busy", "offline"] as const;
export type PresenceStatus = (typeof PRESENCE_STATUSES)[number];

/** What others see of a person's being there; with several devices, the liveliest counts. */
export interface Presence {
  readonly user: string;
  readonly status: PresenceStatus;
  readonly text: string;
}

/** One message that a search found, and where. */
export interface Found {
  readonly message: Message;
  readonly room: Pick<Room, "id" | "number" | "title">;
}

export interface Me {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly staff: boolean;
  readonly superuser: boolean;
}

/** An account as staff see it. */
export interface Person extends Me {
  readonly active: boolean;
  readonly createdAt: number;
}

/** One of a person's sessions, as `GET /api/sessions` lists them. */
export interface Session {
  readonly id: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly userAgent: string | null;
  readonly address: string | null;
  /** The one that the request itself came with. */
  readonly current: boolean;
}

/** Who may create rooms. */
export const ROOM_CREATORS = ["staff", "everybody"] as const;

/** Who may address everybody in a room by `@all`. */
export const ALL_MENTIONERS = ["staff", "moderators", "everybody"] as const;
/** Who may see what a message said before it was edited or deleted. */
export const HISTORY_READERS = ["nobody", "staff", "everybody"] as const;

export interface Settings {
  readonly roomCreators: (typeof ROOM_CREATORS)[number];
  readonly allMentioners: (typeof ALL_MENTIONERS)[number];
  readonly historyReaders: (typeof HISTORY_READERS)[number];
}
