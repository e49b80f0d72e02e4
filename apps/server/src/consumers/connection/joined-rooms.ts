import type { RoomAddress } from "@multichat/protocol";
import type { RoomRef } from "../../fan-out/broadcasts.ts";

export interface JoinedRoom extends RoomRef {
  /** True: neither the join nor the leave is announced to the other members. */
  readonly isSilent: boolean;
}

/** The rooms that a connection has joined, by id and by number, in the order of joining. */
export class JoinedRooms implements Iterable<JoinedRoom> {
  readonly #byId = new Map<string, JoinedRoom>();
  readonly #byNumber = new Map<string, JoinedRoom>();

  get size(): number {
    return this.#byId.size;
  }

  /** A string of digits must be the number's canonical form: "1" is room 1, "01" is none. */
  get(address: RoomAddress): JoinedRoom | undefined {
    return typeof address === "string"
      ? (this.#byId.get(address) ?? this.#byNumber.get(address))
      : this.#byNumber.get(String(address));
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Adds a room, or changes whether it is silent. */
  add({ id, number }: RoomRef, { silent }: { readonly silent: boolean }): void {
    const joined = { id, number, isSilent: silent };
    this.#byId.set(id, joined);
    this.#byNumber.set(String(number), joined);
  }

  /** Returns the removed room, or undefined if it had not been joined. */
  remove({ id, number }: RoomRef): JoinedRoom | undefined {
    const joined = this.#byId.get(id);
    this.#byNumber.delete(String(number));
    this.#byId.delete(id);
    return joined;
  }

  /** Iterates over a snapshot, so rooms can be removed during the iteration. */
  [Symbol.iterator](): Iterator<JoinedRoom> {
    return [...this.#byId.values()][Symbol.iterator]();
  }
}
