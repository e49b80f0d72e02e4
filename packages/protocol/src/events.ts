import type { Author, Me, Message, PresenceStatus, Role, Room, RoomKind, RoomNotifyLevel } from "./model.ts";

/**
 * An event in a room's log, numbered by `seq`; a client can request it again. A replayed event shows the present state: a
 * message that was deleted since is posted without its body. A client that applies missed events in order therefore keeps a
 * deleted message deleted and drops a reaction whose `count` is 0, and ends with the same view as every other client.
 */
export type LogEvent =
  | { readonly on: "message.posted"; readonly room: string; readonly seq: number; readonly message: Message }
  | { readonly on: "room.created"; readonly room: string; readonly seq: number; readonly by: Author | null }
  | {
      readonly on: "room.changed";
      readonly room: string;
      readonly seq: number;
      readonly by: Author | null;
      /** Only the properties that changed. */
      readonly changes: RoomPatch;
    }
  | {
      readonly on: "message.edited";
      readonly room: string;
      readonly seq: number;
      /** The current message; its own `seq` stays that of its posting. */
      readonly message: Message;
      readonly by: Author | null;
    }
  | {
      readonly on: "message.deleted";
      readonly room: string;
      readonly seq: number;
      readonly message: string;
      readonly deletedAt: number;
      readonly by: Author | null;
    }
  | {
      readonly on: "reaction.added" | "reaction.removed";
      readonly room: string;
      readonly seq: number;
      readonly message: string;
      readonly emoji: string;
      readonly user: Author;
      /** The current number of reactions with this emoji; it can exceed the number of `users` that a message lists. */
      readonly count: number;
    }
  | {
      readonly on: "message.pinned" | "message.unpinned";
      readonly room: string;
      readonly seq: number;
      readonly message: string;
      readonly by: Author | null;
    }
  | {
      /** `by` is the user themselves, or the moderator who added them. */
      readonly on: "member.joined";
      readonly room: string;
      readonly seq: number;
      readonly user: Author;
      readonly role: Role;
      readonly by: Author | null;
    }
  | { readonly on: "member.left"; readonly room: string; readonly seq: number; readonly user: Author }
  | {
      readonly on: "member.removed";
      readonly room: string;
      readonly seq: number;
      readonly user: Author;
      /** True: the user cannot become a member again until the ban is lifted. */
      readonly banned: boolean;
      readonly by: Author | null;
    }
  | {
      readonly on: "member.changed";
      readonly room: string;
      readonly seq: number;
      readonly user: Author;
      readonly role: Role;
      readonly mutedUntil: number | null;
      readonly by: Author | null;
    };

/** The changed properties of a room. */
export interface RoomPatch {
  readonly title?: string;
  readonly topic?: string;
  readonly staffOnly?: boolean;
  readonly archived?: boolean;
  readonly kind?: Exclude<RoomKind, "direct">;
  readonly slowModeSeconds?: number;
}

/** An event that is delivered once and not stored. */
export type EphemeralEvent =
  /** A room was added to the user's list, or changed; `entry` replaces the entry in the list. */
  | {
      readonly on: "room.listed";
      readonly room: string;
      readonly entry: Room;
      /** The user's membership, only if it changed. */
      readonly membership?: { readonly role: Role | null; readonly mutedUntil: number | null };
    }
  /** The room left the user's list. Whether it was deleted or the user lost access is deliberately not disclosed. */
  | { readonly on: "room.unlisted"; readonly room: string }
  /** A user joined or left the room; only with NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS. `count`: as of `room.occupancy`. */
  | { readonly on: "room.entered"; readonly room: string; readonly user: Author; readonly count?: number }
  | { readonly on: "room.exited"; readonly room: string; readonly user: Author; readonly count?: number }
  /** Several did, or the room is large. At most four of these three a second and room. */
  | {
      readonly on: "room.occupancy";
      readonly room: string;
      /** The users whose connections have joined the room. */
      readonly count: number;
      /** Left out for a large room, and where only the number has changed. At most 50 names in both. */
      readonly entered?: readonly Author[];
      readonly exited?: readonly Author[];
    }
  /** The user is typing; expires after 6 seconds unless it is repeated. */
  | { readonly on: "typing.started" | "typing.stopped"; readonly room: string; readonly user: Author }
  | {
      readonly on: "presence.changed";
      readonly user: string;
      readonly status: PresenceStatus;
      readonly text: string;
    }
  /** The user's read marker moved, on this or another device. */
  | {
      readonly on: "room.read";
      readonly room: string;
      readonly seq: number;
      /** As `readRevision` of `MemberState`. */
      readonly revision?: number;
      readonly unread: number;
      readonly mentions: number;
    }
  /** The user set something else for the room, on this or another device. */
  | {
      readonly on: "preference.changed";
      readonly room: string;
      readonly notify: RoomNotifyLevel;
      readonly starred: boolean;
    }
  /** The user's own name or flags changed. */
  | { readonly on: "me.changed"; readonly me: Me }
  /** The server is about to stop. Reconnect in `reconnectAfter` milliseconds, which differs for each client. */
  | { readonly on: "server.draining"; readonly reconnectAfter: number };

export type ServerEvent = LogEvent | EphemeralEvent;
