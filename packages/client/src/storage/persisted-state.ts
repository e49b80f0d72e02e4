import type { Me, MemberState, Message, Room, RoomListEntry } from "@multichat/protocol";

/** The version of what is kept: what another version wrote is thrown away. */
export const PERSISTED_VERSION = 2;

/** Under the key `client`. */
export interface PersistedClient {
  readonly version: typeof PERSISTED_VERSION;
  readonly epoch: string;
  readonly me: Me;
  readonly rooms: readonly RoomListEntry[];
}

/** Under the key `room:<id>`. */
export interface StoredRoom extends PersistedRoom {
  /** Whose it is, and of which log: a room of somebody else, or of another log, is not used. */
  readonly me: string;
  readonly epoch: string;
}

export interface PersistedRoom {
  readonly room: Room;
  /** How far the log was applied. */
  readonly seq: number;
  readonly state: MemberState;
  /** From here to `seq` these are all the messages. */
  readonly from: number;
  readonly messages: readonly Message[];
}
