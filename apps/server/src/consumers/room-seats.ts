import type { RoomAddress } from "@multichat/protocol";
import type { RoomRef } from "../fan-out/broadcasts.ts";

/** A place in a room; `quiet`: taken without telling the others, and left so. */
export interface RoomSeat extends RoomRef {
  readonly quiet: boolean;
}

/** The rooms that one connection is in, by either of their names, in the order of joining. */
export class RoomSeats implements Iterable<RoomSeat> {
  readonly #byId = new Map<string, RoomSeat>();
  readonly #byNumber = new Map<string, RoomSeat>();

  get size(): number {
    return this.#byId.size;
  }

  /** A string of digits is a number as it is written: "1" is 1, "01" is nothing. */
  at(address: RoomAddress): RoomSeat | undefined {
    return typeof address === "string"
      ? (this.#byId.get(address) ?? this.#byNumber.get(address))
      : this.#byNumber.get(String(address));
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Again: with or without telling, as it is said now. */
  take({ id, number }: RoomRef, quiet: boolean): void {
    const seat = { id, number, quiet };
    this.#byId.set(id, seat);
    this.#byNumber.set(String(number), seat);
  }

  /** @returns the seat as it was; undefined: it was not taken. */
  leave({ id, number }: RoomRef): RoomSeat | undefined {
    const seat = this.#byId.get(id);
    this.#byNumber.delete(String(number));
    this.#byId.delete(id);
    return seat;
  }

  /** Of those that are taken when it is called: leaving while walking over them skips nobody. */
  [Symbol.iterator](): Iterator<RoomSeat> {
    return [...this.#byId.values()][Symbol.iterator]();
  }
}
