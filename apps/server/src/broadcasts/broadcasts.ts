import type { Author, LogEvent, Me, MemberState, Presence, Room } from "@multichat/protocol";
import type { StoredRoom } from "../store/store.ts";

/** Both names of a room: the classic protocol knows it by the number. */
export type RoomName = Pick<Room, "id" | "number">;

/** A room and for whom it exists; what of it clients hear is its public part alone. */
export type TellableRoom = Omit<StoredRoom, "rights" | "roles" | "muted">;

/** What somebody is in a room. */
export type MembershipTold = Pick<MemberState, "role" | "mutedUntil">;

/**
 * What goes out, shaped in one place; nothing else in the product sends to the layer. Call only after the commit. None of
 * these reject: what is committed stays so when the layer loses its telling, which is logged and made good by `seq`.
 */
export interface Broadcasts {
  logged(room: RoomName, event: LogEvent): Promise<void>;
  /** `except`: the channel of the connection that entered. */
  entered(room: RoomName, user: Author, except: string): Promise<void>;
  /** `also`: the channel of the connection that left and wants to hear of it, though it is in the group no more. */
  left(room: RoomName, user: Author, also?: string): Promise<void>;
  /** To those in the room but `except`, the typist's own channel. */
  typing(room: string, user: Author, started: boolean, except: string): Promise<void>;
  presence(room: string, presence: Presence): Promise<void>;
  /** To the connection itself, behind everything that it has still to hear from the room. `gone`: deleted. */
  roomLost(channel: string, room: RoomName, gone: boolean): Promise<void>;
  /** Made or changed; also where all that is known is that something about it or its people did. */
  roomAltered(room: TellableRoom): Promise<void>;
  /** What one person is in the room changed, and nothing about the room. `membership` null: a member no more. */
  memberAltered(room: TellableRoom, user: string, membership: MembershipTold | null): Promise<void>;
  roomDeleted(room: Pick<Room, "id">): Promise<void>;
  accountChanged(account: Me): Promise<void>;
  sessionEnded(
    user: string,
    ended: { session: string | null; keep?: string | undefined; banned?: boolean },
  ): Promise<void>;
  markerMoved(user: string, room: string, state: MemberState): Promise<void>;
}
