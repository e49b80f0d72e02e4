import type { Role, Room } from "@multichat/protocol";

/** A room with its permissions; the last five are kept in memory with the room. */
export interface StoredRoom extends Room {
  /**
   * Grows with every change that can revoke access: staff-only, private, archived, deleted, slow mode, a member who is removed,
   * changed or banned, and a new owner, whom moderators cannot manage.
   */
  readonly accessVersion: number;
  /** The members of a private or direct room; null: the room is open. */
  readonly members: ReadonlySet<string> | null;
  /** The moderators and owners among its members, also of an open room. */
  readonly roles: ReadonlyMap<string, Role>;
  /** The muted members and the time until which they are; some of these times may have passed. */
  readonly mutedUntil: ReadonlyMap<string, number>;
  /** The users who are banned; a ban wins over every other permission. */
  readonly banned: ReadonlySet<string>;
}
