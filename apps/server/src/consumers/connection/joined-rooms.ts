import type { RoomAddress } from "@multichat/protocol";
import type { RoomRef } from "../../fan-out/broadcasts.ts";

/** A place in a room; `quiet`: taken without telling the others, and left so. */
export interface JoinedRoom extends RoomRef {
  readonly isSilent: boolean;
}

/** The rooms that one connection is in, by either of their names, in the order of joining. */
export class JoinedRooms implements Iterable<JoinedRoom> {
  readonly #byId = new Map<string, JoinedRoom>();
  readonly #byNumber = new Map<string, JoinedRoom>();

  get size(): number {
    return this.#byId.size;
  }

  /** A string of digits is a number as it is written: "1" is 1, "01" is nothing. */
  get(address: RoomAddress): JoinedRoom | undefined {
    return typeof address === "string"
      ? (this.#byId.get(address) ?? this.#byNumber.get(address))
      : this.#byNumber.get(String(address));
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Again: with or without telling, as it is said now. */
  add({ id, number }: RoomRef, quiet: boolean): void {
    const seat = { id, number, isSilent: quiet };
    this.#byId.set(id, seat);
    this.#byNumber.set(String(number), seat);
  }

  /** @returns the seat as it was; undefined: it was not taken. */
  remove({ id, number }: RoomRef): JoinedRoom | undefined {
    const seat = this.#byId.get(id);
    this.#byNumber.delete(String(number));
    this.#byId.delete(id);
    return seat;
  }

  /** Of those that are taken when it is called: leaving while walking over them skips nobody. */
  [Symbol.iterator](): Iterator<JoinedRoom> {
    return [...this.#byId.values()][Symbol.iterator]();
  }
}
