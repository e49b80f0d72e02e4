import type { RoomAddress } from "@multichat/protocol";
import type { RoomName } from "../broadcasts/broadcasts.ts";

/** The rooms that one connection is in, by either of their names, in the order of joining. */
export class RoomSeats implements Iterable<RoomName> {
  readonly #byId = new Map<string, RoomName>();
  readonly #byNumber = new Map<string, RoomName>();

  get size(): number {
    return this.#byId.size;
  }

  /** A string of digits is a number as it is written: "1" is 1, "01" is nothing. */
  at(address: RoomAddress): RoomName | undefined {
    return typeof address === "string"
      ? (this.#byId.get(address) ?? this.#byNumber.get(address))
      : this.#byNumber.get(String(address));
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  take({ id, number }: RoomName): void {
    const seat = { id, number };
    this.#byId.set(id, seat);
    this.#byNumber.set(String(number), seat);
  }

  /** False: it was not taken. */
  leave({ id, number }: RoomName): boolean {
    this.#byNumber.delete(String(number));
    return this.#byId.delete(id);
  }

  /** Of those that are taken when it is called: leaving while walking over them skips nobody. */
  [Symbol.iterator](): Iterator<RoomName> {
    return [...this.#byId.values()][Symbol.iterator]();
  }
}
