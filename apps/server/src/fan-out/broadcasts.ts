import type { Author, LogEvent, Me, MemberState, Presence, Room, RoomPreference } from "@multichat/protocol";
import type { StoredRoom } from "../store/store.ts";

/** The id of a room, and the number that the classic protocol uses. */
export type RoomRef = Pick<Room, "id" | "number">;

/** What changes in a user's membership of a room. */
export type MembershipUpdate = Pick<MemberState, "role" | "mutedUntil">;

/**
 * Publishes committed changes to the channel layer; nothing else in the product sends to it. Call these methods only after the
 * commit. None of them rejects: a change stays committed when the layer loses its event, which is logged, and clients detect
 * the gap by `seq`.
 */
export interface Broadcasts extends AccessEvents {
  publishLogEvent(room: RoomRef, event: LogEvent): Promise<void>;
  /**
   * Publishes an event that every server also reads from the change feed. The first server to claim it publishes it, so it is
   * published once, even when the process that committed it died before it could.
   */
  publishLogEventOnce(room: RoomRef, event: LogEvent): Promise<void>;
  /** @param except The channel of the connection that entered. */
  publishEntry(room: RoomRef, user: Author, except: string): Promise<void>;
  /** @param alsoTo The channel of the connection that left the room's group and still expects the event. */
  publishExit(room: RoomRef, user: Author, alsoTo?: string): Promise<void>;
  /** Publishes to the connections of this process alone: other processes find their own differences. */
  publishOccupancy(room: string, difference: OccupancyDifference): Promise<void>;
  /** Reports to the other processes who is in a room in this one. */
  reportOccupancy(room: string, report: OccupancyReport): Promise<void>;
  publishTyping(room: string, user: Author, typing: TypingUpdate): Promise<void>;
  publishPresence(room: string, presence: Presence): Promise<void>;
  /** Sends a connection the eviction marker of a room, see `ChatEvents`. */
  publishEviction(channel: string, room: RoomRef, eviction: Eviction): Promise<void>;
  publishReadMarker(user: string, room: string, state: MemberState): Promise<void>;
  publishPreference(user: string, preference: RoomPreference): Promise<void>;
  /**
   * Resolves when the connections of this process have received everything that it has published, or no longer will. Commands
   * that take access away wait for it, so that their reply means that the access is gone.
   */
  flush(): Promise<void>;
  /** Publishes to the connections of this process alone, for changes that every process learns by itself. */
  readonly local: AccessEvents;
}

export interface OccupancyDifference {
  /** The users in the room, in all processes. */
  readonly count: number;
  readonly entered: readonly Author[];
  readonly exited: readonly Author[];
}

/** The users of one process in a room, and the ids of those who entered and left since the last report. */
export interface OccupancyReport {
  readonly count: number;
  readonly entered: readonly string[];
  readonly exited: readonly string[];
}

export interface TypingUpdate {
  /** False: the user has stopped. */
  readonly started: boolean;
  /** The channel of the connection on which the user types. */
  readonly except: string;
}

export interface Eviction {
  /** True: the room was deleted. False: the user lost access to it. */
  readonly deleted: boolean;
}

/** Events that change what a user may access. Publishing one twice is harmless, missing one is not. */
export interface AccessEvents {
  /** Publishes a new or changed room, also where only its members may have changed. */
  publishRoomChange(room: StoredRoom): Promise<void>;
  /** Publishes a change of one membership and of nothing else in the room. @param membership Null: no longer a member. */
  publishMemberChange(room: StoredRoom, user: string, membership: MembershipUpdate | null): Promise<void>;
  publishRoomDeletion(room: Pick<Room, "id">): Promise<void>;
  publishAccountChange(account: Me): Promise<void>;
  publishSessionEnd(user: string, end: SessionEnd): Promise<void>;
}

export interface SessionEnd {
  /** Null: every session of the user except `keep`. */
  readonly session: string | null;
  readonly keep?: string | undefined;
  readonly banned?: boolean;
}
