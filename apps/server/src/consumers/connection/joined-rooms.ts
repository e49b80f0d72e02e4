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

/** The rooms that a connection has joined, in the order of joining. */
export class JoinedRooms implements Iterable<JoinedRoom> {
  readonly #byId = new Map<string, JoinedRoom>();

  get size(): number {
    return this.#byId.size;
  }

  /** A string of digits must be the number's canonical form: "1" is room 1, "01" is none. */
  get(address: RoomAddress): JoinedRoom | undefined {
    if (typeof address === "number") return this.#find((number) => number === address);
    return this.#byId.get(address) ?? this.#find((number) => String(number) === address);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Adds a room, or changes whether it is silent. @param ref Should be the same object for all connections. */
  add(ref: RoomRef, { silent }: { readonly silent: boolean }): void {
    this.#byId.set(ref.id, sharedRoom(ref, { silent }));
  }

  /** Returns the removed room, or undefined if it had not been joined. */
  remove({ id }: RoomRef): JoinedRoom | undefined {
    const joined = this.#byId.get(id);
    this.#byId.delete(id);
    return joined;
  }

  /** Iterates over a snapshot, so rooms can be removed during the iteration. */
  [Symbol.iterator](): Iterator<JoinedRoom> {
    return [...this.#byId.values()][Symbol.iterator]();
  }

  /** Searched one by one: most clients use ids, and a connection has joined few rooms. */
  #find(matches: (number: number) => boolean): JoinedRoom | undefined {
    for (const room of this.#byId.values()) if (matches(room.number)) return room;
    return undefined;
  }
}
