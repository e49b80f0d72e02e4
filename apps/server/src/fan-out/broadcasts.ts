import type { Author, LogEvent, Me, MemberState, Presence, Room } from "@multichat/protocol";
import type { StoredRoom } from "../store/store.ts";

/** Both names of a room: the classic protocol knows it by the number. */
export type RoomRef = Pick<Room, "id" | "number">;

/** What somebody is in a room. */
export type MembershipUpdate = Pick<MemberState, "role" | "mutedUntil">;

/**
 * What goes out, shaped in one place; nothing else in the product sends to the layer. Call only after the commit. None of
 * these reject: what is committed stays so when the layer loses its telling, which is logged and made good by `seq`.
 */
export interface Broadcasts extends AccessEvents {
  publishLogEvent(room: RoomRef, event: LogEvent): Promise<void>;
  /**
   * As `logged`, for what every server hears of through the database as well: of all that are about to tell it, one does.
   * So it is told once, also where the process that committed it did not live to tell it.
   */
  publishLogEventOnce(room: RoomRef, event: LogEvent): Promise<void>;
  /** `except`: the channel of the connection that entered. */
  publishEntry(room: RoomRef, user: Author, except: string): Promise<void>;
  /** `also`: the channel of the connection that left and wants to hear of it, though it is in the group no more. */
  publishExit(room: RoomRef, user: Author, also?: string): Promise<void>;
  /** To those in the room but `except`, the typist's own channel. */
  publishTyping(room: string, user: Author, started: boolean, except: string): Promise<void>;
  publishPresence(room: string, presence: Presence): Promise<void>;
  /** To the connection itself, behind everything that it has still to hear from the room. `gone`: deleted. */
  publishEviction(channel: string, room: RoomRef, gone: boolean): Promise<void>;
  publishReadMarker(user: string, room: string, state: MemberState): Promise<void>;
  /**
   * What this process has told before has come to its own connections when this resolves, or does not come. Waited for
   * where rights were taken away: whoever is answered that it is done can rely on it.
   */
  flush(): Promise<void>;
  /** The same to this process's own connections alone: for what each process finds out by itself. */
  readonly local: AccessEvents;
}

/** What changes who may do what. Hearing it twice does no harm, hearing it never would. */
export interface AccessEvents {
  /** Made or changed; also where all that is known is that something about it or its people did. */
  publishRoomChange(room: StoredRoom): Promise<void>;
  /** What one person is in the room changed, and nothing about the room. `membership` null: a member no more. */
  publishMemberChange(room: StoredRoom, user: string, membership: MembershipUpdate | null): Promise<void>;
  publishRoomDeletion(room: Pick<Room, "id">): Promise<void>;
  publishAccountChange(account: Me): Promise<void>;
  publishSessionEnd(user: string, ended: SessionEnd): Promise<void>;
}

/** `session` null: all but `keep`. */
export interface SessionEnd {
  readonly session: string | null;
  readonly keep?: string | undefined;
  readonly banned?: boolean;
}
