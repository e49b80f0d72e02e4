import type { Author, LogEvent, Me, MemberState, Room } from "@multichat/protocol";

/** Both names of a room: the classic protocol knows it by the number. */
export type RoomName = Pick<Room, "id" | "number">;

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
  /** To the connection itself, behind everything that it has still to hear from the room. `gone`: deleted. */
  roomLost(channel: string, room: RoomName, gone: boolean): Promise<void>;
  /** Made or changed. */
  roomAltered(room: Room): Promise<void>;
  roomDeleted(room: Pick<Room, "id">): Promise<void>;
  accountChanged(account: Me): Promise<void>;
  sessionEnded(
    user: string,
    ended: { session: string | null; keep?: string | undefined; banned?: boolean },
  ): Promise<void>;
  markerMoved(user: string, room: string, state: MemberState): Promise<void>;
}
