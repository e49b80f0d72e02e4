import type { RoomAddress, RoomListEntry } from "@multichat/protocol";
import type { Readable } from "../core/readable.ts";

export interface RoomListSnapshot {
  /** `cold`: not heard yet. `stale`: known from before, the connection is away. `live`: follows the server. */
  readonly status: "cold" | "stale" | "live";
  /** By number. */
  readonly rooms: readonly RoomListEntry[];
}

/** The rooms that the person may see. */
export interface RoomList extends Readable<RoomListSnapshot> {
  /** One room of the list: its listeners hear of nothing else. The same object for the same id. */
  readonly entry: (id: string) => Readable<RoomListEntry | undefined>;
  /** Finds a room by its id or its number (also as a string of digits, as it stands in an address). */
  readonly find: (address: RoomAddress) => RoomListEntry | undefined;
}
