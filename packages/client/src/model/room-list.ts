import type { RoomAddress, RoomListEntry } from "@multichat/protocol";
import type { Readable } from "../core/readable.ts";

export interface RoomListSnapshot {
  /** `cold`: not loaded yet. `stale`: loaded before, and there is no connection. `live`: updated by the server's events. */
  readonly status: "cold" | "stale" | "live";
  /** Sorted by number. */
  readonly rooms: readonly RoomListEntry[];
}

/** The rooms that the user can see. */
export interface RoomList extends Readable<RoomListSnapshot> {
  /** One room of the list, whose listeners are called for this room only. Returns the same object for the same id. */
  readonly entry: (id: string) => Readable<RoomListEntry | undefined>;
  /** Finds a room by its id or its number (also as a string of digits, as in a URL). */
  readonly find: (address: RoomAddress) => RoomListEntry | undefined;
}
