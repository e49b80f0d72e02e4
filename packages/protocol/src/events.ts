import type { Author, Me, Message, Room } from "./model.ts";

/** An event in a room's log: it has its place, `seq`, and can be asked for again. */
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
    };

export interface RoomChanges {
  readonly title?: string;
  readonly topic?: string;
  readonly staffOnly?: boolean;
  readonly archived?: boolean;
}

/** An event that is told once and not kept. */
export type EphemeralEvent =
  /** A room that the person may see appeared or changed: the whole room, to put into the list. */
  | { readonly on: "room.listed"; readonly room: string; readonly entry: Room }
  /** The room is gone for this person: deleted, or theirs no longer. Deliberately without saying which. */
  | { readonly on: "room.unlisted"; readonly room: string }
  /** Somebody entered or left; only where the server is set to tell. */
  | { readonly on: "member.entered"; readonly room: string; readonly user: Author }
  | { readonly on: "member.left"; readonly room: string; readonly user: Author }
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
