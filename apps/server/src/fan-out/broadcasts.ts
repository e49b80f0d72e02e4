import type { Author, LogEvent, Me, MemberState, Presence, Room } from "@multichat/protocol";
import type { StoredRoom } from "../store/store.ts";

/** Both names of a room: the classic protocol knows it by the number. */
export type RoomName = Pick<Room, "id" | "number">;

/** What somebody is in a room. */
export type MembershipTold = Pick<MemberState, "role" | "mutedUntil">;

/**
 * What goes out, shaped in one place; nothing else in the product sends to the layer. Call only after the commit. None of
 * these reject: what is committed stays so when the layer loses its telling, which is logged and made good by `seq`.
 */
export interface Broadcasts extends Hereabouts {
  logged(room: RoomName, event: LogEvent): Promise<void>;
  /**
   * As `logged`, for what every server hears of through the database as well: of all that are about to tell it, one does.
   * So it is told once, also where the process that committed it did not live to tell it.
   */
  loggedOnce(room: RoomName, event: LogEvent): Promise<void>;
  /** `except`: the channel of the connection that entered. */
  entered(room: RoomName, user: Author, except: string): Promise<void>;
  /** `also`: the channel of the connection that left and wants to hear of it, though it is in the group no more. */
  left(room: RoomName, user: Author, also?: string): Promise<void>;
  /** To those in the room but `except`, the typist's own channel. */
  typing(room: string, user: Author, started: boolean, except: string): Promise<void>;
  presence(room: string, presence: Presence): Promise<void>;
  /** To the connection itself, behind everything that it has still to hear from the room. `gone`: deleted. */
  roomLost(channel: string, room: RoomName, gone: boolean): Promise<void>;
  markerMoved(user: string, room: string, state: MemberState): Promise<void>;
  /**
   * What this process has told before has come to its own connections when this resolves, or does not come. Waited for
   * where rights were taken away: whoever is answered that it is done can rely on it.
   */
  settled(): Promise<void>;
  /** The same to this process's own connections alone: for what each process finds out by itself. */
  readonly here: Hereabouts;
}

/** What changes who may do what. Hearing it twice does no harm, hearing it never would. */
export interface Hereabouts {
  /** Made or changed; also where all that is known is that something about it or its people did. */
  roomAltered(room: StoredRoom): Promise<void>;
  /** What one person is in the room changed, and nothing about the room. `membership` null: a member no more. */
  memberAltered(room: StoredRoom, user: string, membership: MembershipTold | null): Promise<void>;
  roomDeleted(room: Pick<Room, "id">): Promise<void>;
  accountChanged(account: Me): Promise<void>;
  sessionEnded(user: string, ended: EndedSession): Promise<void>;
}

/** `session` null: all but `keep`. */
export interface EndedSession {
  readonly session: string | null;
  readonly keep?: string | undefined;
  readonly banned?: boolean;
}
