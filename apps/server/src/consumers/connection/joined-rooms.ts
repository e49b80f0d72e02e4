import type { RoomAddress } from "@multichat/protocol";
import type { RoomRef } from "../../fan-out/broadcasts.ts";

export interface JoinedRoom extends RoomRef {
  /** True: neither the join nor the leave is announced to the other members. */
  readonly isSilent: boolean;
}

/** The rooms as connections have joined them. Connections share these objects, so that a membership costs a few bytes. */
const sharedRooms = new WeakMap<RoomRef, { readonly silent: JoinedRoom; readonly announced: JoinedRoom }>();

function sharedRoom(ref: RoomRef, { silent }: { readonly silent: boolean }): JoinedRoom {
  let shared = sharedRooms.get(ref);
  if (shared === undefined) {
    const { id, number } = ref;
    shared = { silent: { id, number, isSilent: true }, announced: { id, number, isSilent: false } };
    sharedRooms.set(ref, shared);
  }
  return silent ? shared.silent : shared.announced;
}

/** Rooms that are kept in a list, which takes a third of what a map does and is searched as fast. */
const MAX_LISTED_ROOMS = 8;
const NO_ROOMS: readonly JoinedRoom[] = Object.freeze([]);

/** The rooms that a connection has joined, in the order of joining. */
export class JoinedRooms implements Iterable<JoinedRoom> {
  #rooms: readonly JoinedRoom[] | Map<string, JoinedRoom> = NO_ROOMS;

  get size(): number {
    return this.#rooms instanceof Map ? this.#rooms.size : this.#rooms.length;
  }

  /** A string of digits must be the number's canonical form: "1" is room 1, "01" is none. */
  get(address: RoomAddress): JoinedRoom | undefined {
    if (typeof address === "number") return this.#list().find(({ number }) => number === address);
    return this.#find(address) ?? this.#list().find(({ number }) => String(number) === address);
  }

  has(id: string): boolean {
    return this.#find(id) !== undefined;
  }

  /** Adds a room, or changes whether it is silent. @param ref Should be the same object for all connections. */
  add(ref: RoomRef, { silent }: { readonly silent: boolean }): void {
    const room = sharedRoom(ref, { silent });
    if (this.#rooms instanceof Map) {
      this.#rooms.set(room.id, room);
      return;
    }
    const index = this.#rooms.findIndex(({ id }) => id === room.id);
    // `concat` makes a list of the exact length, where `push` leaves room for 16 more.
    const rooms = index === -1 ? this.#rooms.concat([room]) : this.#rooms.with(index, room);
    this.#rooms = rooms.length <= MAX_LISTED_ROOMS ? rooms : new Map(rooms.map((listed) => [listed.id, listed]));
  }

  /** Returns the removed room, or undefined if it had not been joined. */
  remove({ id }: RoomRef): JoinedRoom | undefined {
    const joined = this.#find(id);
    if (joined === undefined) return undefined;
    if (this.#rooms instanceof Map) this.#rooms.delete(id);
    else this.#rooms = this.#rooms.filter((room) => room !== joined);
    return joined;
  }

  /** Iterates over a snapshot, so rooms can be removed during the iteration. */
  [Symbol.iterator](): Iterator<JoinedRoom> {
    return this.#list()[Symbol.iterator]();
  }

  #find(id: string): JoinedRoom | undefined {
    if (this.#rooms instanceof Map) return this.#rooms.get(id);
    // A loop: it is asked for every event of every connection.
    for (const room of this.#rooms) if (room.id === id) return room;
    return undefined;
  }

  #list(): readonly JoinedRoom[] {
    return this.#rooms instanceof Map ? [...this.#rooms.values()] : this.#rooms;
  }
}
