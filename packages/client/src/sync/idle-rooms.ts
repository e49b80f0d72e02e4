import type { Room } from "../room/room.ts";

/** Closed rooms that still hold messages. Beyond a limit, the room that was closed first drops its messages. */
export class IdleRooms {
  readonly #maxRooms: number;
  /** In the order in which they were closed. */
  readonly #rooms = new Set<Room>();

  constructor(maxRooms: number) {
    this.#maxRooms = maxRooms;
  }

  add(room: Room): void {
    this.#rooms.add(room);
    if (this.#rooms.size <= this.#maxRooms) return;
    const [oldest] = this.#rooms;
    if (oldest === undefined) return;
    this.#rooms.delete(oldest);
    oldest.unload();
  }

  delete(room: Room): void {
    this.#rooms.delete(room);
  }
}
