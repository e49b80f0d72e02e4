import type { AuditEntry } from "@multichat/protocol";
import type { StoredRoom } from "../rooms/stored-room.ts";

/**
 * A change by another process on the same database (the CLI, a second server). Every change of rooms, people, sessions,
 * settings and notices writes one in its own transaction, and this process reads it within 250 ms, so that a server needs no
 * Redis to learn of `multichat user deactivate`. A process that was suspended for over an hour gets one of each instead.
 */
export type StoreChange =
  /** The room was created, changed or deleted. */
  | { readonly kind: "room"; readonly room: string }
  /** The membership of one person changed, and nothing else of the room. */
  | { readonly kind: "member"; readonly room: string; readonly user: string }
  /**
   * An event of a room's log: of the room itself (before its `room` change), or a notice. Other messages reach the servers
   * through the channel layer. Every server reads the event, and the one that claims it publishes it.
   */
  | { readonly kind: "log"; readonly room: string; readonly seq: number }
  | { readonly kind: "user"; readonly user: string }
  /** `session` null: any or all of the user's sessions. */
  | { readonly kind: "session"; readonly user: string; readonly session: string | null }
  | { readonly kind: "settings" }
  /** An entry was added to the audit log. */
  | { readonly kind: "audit"; readonly entry: AuditEntry };

/** A row of the change table; `tail` says how far a room's log has grown. */
export type ChangeRecord = StoreChange | { readonly kind: "tail"; readonly room: string; readonly seq: number };

export interface ChangeFeedEntry {
  readonly change: ChangeRecord;
  /** For the kinds "room" and "member": the room as it is now; undefined where it is deleted. */
  readonly room?: StoredRoom | undefined;
}

export interface ChangeFeedPage {
  /** The id of the last change that was read. */
  readonly lastId: number;
  readonly entries: readonly ChangeFeedEntry[];
  /** Whether changes were trimmed before this process had read them, so that its caches may be wrong. */
  readonly hasGap: boolean;
  readonly hasMore: boolean;
}

/** Where a change was committed. */
export interface ChangeSource {
  /** Whether by this process. */
  readonly isOwn: boolean;
}
