import type { Author, Me, Message, PresenceStatus, Role, Room, RoomKind } from "./model.ts";

/**
 * An event in a room's log: it has its place, `seq`, and can be asked for again. Asked for again it tells what is now:
 * a message that was deleted meanwhile is posted without its body. So whoever applies missed events in order leaves a
 * message that is deleted as it is, and drops a reaction whose `count` is 0; then every view ends the same.
 */
export type LogEvent =
  | { readonly on: "message.posted"; readonly room: string; readonly seq: number; readonly message: Message }
  | { readonly on: "room.created"; readonly room: string; readonly seq: number; readonly by: Author | null }
  | {
      readonly on: "room.changed";
      readonly room: string;
      readonly seq: number;
      readonly by: Author | null;
      /** What changed, and only that. */
      readonly changes: RoomChanges;
    }
  | {
      readonly on: "message.edited";
      readonly room: string;
      readonly seq: number;
      /** The message as it is now; its own `seq` is still that of its posting. */
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
      /** How many there are of this emoji in all, as it is now: more people than `users` lists may have reacted. */
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
      /** Somebody became a member: by themselves (`by` is the user) or by somebody else. */
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
      /** May not come back until somebody lifts the ban. */
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

export interface RoomChanges {
  readonly title?: string;
  readonly topic?: string;
  readonly staffOnly?: boolean;
  readonly archived?: boolean;
  readonly kind?: Exclude<RoomKind, "direct">;
  readonly slowModeSeconds?: number;
}

/** An event that is told once and not kept. */
export type EphemeralEvent =
  /** A room that the person may see appeared or changed: the whole room, to put into the list. */
  | {
      readonly on: "room.listed";
      readonly room: string;
      readonly entry: Room;
      /** What the person is in it, where that is what changed; left out: as before. */
      readonly membership?: { readonly role: Role | null; readonly mutedUntil: number | null };
    }
  /** The room is gone for this person: deleted, or theirs no longer. Deliberately without saying which. */
  | { readonly on: "room.unlisted"; readonly room: string }
  /** Somebody's connection entered or left the room; only where the server is set to tell. */
  | { readonly on: "room.entered"; readonly room: string; readonly user: Author }
  | { readonly on: "room.exited"; readonly room: string; readonly user: Author }
  /** Somebody is writing. It holds for 6 seconds unless it is told again. */
  | { readonly on: "typing.started" | "typing.stopped"; readonly room: string; readonly user: Author }
  | {
      readonly on: "presence.changed";
      readonly user: string;
      readonly status: PresenceStatus;
      readonly text: string;
    }
  /** The read marker moved, on this or another device of the person. */
  | {
      readonly on: "room.read";
      readonly room: string;
      readonly seq: number;
      readonly unread: number;
      readonly mentions: number;
    }
  /** The person's own account changed: name or flags. */
  | { readonly on: "me.changed"; readonly me: Me }
  /** The server is going: come back in so many milliseconds (a different time for every client). */
  | { readonly on: "server.draining"; readonly reconnectAfter: number };

export type ServerEvent = LogEvent | EphemeralEvent;
