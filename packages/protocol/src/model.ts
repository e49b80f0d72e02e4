/** What travels: rooms, messages and people as a client sees them. Times are milliseconds since 1970 (UTC). */

/** A room's id is a UUIDv7; its number is a small integer for people, addresses and the classic protocol. */
export interface Room {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly topic: string;
  readonly staffOnly: boolean;
  readonly archived: boolean;
  /** The seq of the newest event in the room's log; 0 when it has none. */
  readonly lastSeq: number;
  readonly createdAt: number;
}

/** A room in one person's list. */
export interface RoomListEntry extends Room {
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
  readonly body: string;
  readonly createdAt: number;
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

export interface Settings {
  readonly roomCreators: (typeof ROOM_CREATORS)[number];
}
