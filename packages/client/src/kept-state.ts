import type { Me, MemberState, Message, Room, RoomListEntry } from "@multichat/protocol";

/** The version of what is kept: what another version wrote is thrown away. */
export const KEPT_VERSION = 2;

/** Under the key `client`. */
export interface KeptClient {
  readonly version: typeof KEPT_VERSION;
  readonly epoch: string;
  readonly me: Me;
  readonly rooms: readonly RoomListEntry[];
}

/** Under the key `room:<id>`. */
export interface StoredRoom extends KeptRoom {
  /** Whose it is, and of which log: a room of somebody else, or of another log, is not used. */
  readonly me: string;
  readonly epoch: string;
}

export interface KeptRoom {
  readonly room: Room;
  /** How far the log was applied. */
  readonly seq: number;
  readonly state: MemberState;
  /** From here to `seq` these are all the messages. */
  readonly from: number;
  readonly messages: readonly Message[];
}
