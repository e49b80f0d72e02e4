import type { Limits, Me, MemberState, Message, Room, RoomListEntry, RoomPreference } from "@multichat/protocol";

/** The version of the format. State of another version is deleted. */
export const PERSISTED_VERSION = 2;

/** What an earlier client has persisted. */
export interface PersistedState {
  readonly client: PersistedClient;
  readonly rooms: ReadonlyMap<string, PersistedRoom>;
}

/** Stored under the key `client`. */
export interface PersistedClient {
  readonly version: typeof PERSISTED_VERSION;
  readonly epoch: string;
  readonly me: Me;
  readonly rooms: readonly RoomListEntry[];
  /** What the server reported; earlier versions did not store it. */
  readonly limits?: Partial<Limits> | undefined;
  /** What the user has set for rooms; earlier versions did not store it. */
  readonly preferences?: readonly RoomPreference[];
}

/** Stored under the key `room:<id>`. */
export interface StoredRoom extends PersistedRoom {
  /** The user and the epoch that it belongs to: a room of another user or another log is not used. */
  readonly me: string;
  readonly epoch: string;
}

export interface PersistedRoom {
  readonly room: Room;
  /** The last seq that was applied. */
  readonly seq: number;
  readonly state: MemberState;
  /** `messages` are all messages from here to `seq`. */
  readonly from: number;
  readonly messages: readonly Message[];
}
