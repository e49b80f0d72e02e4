import type { Author } from "@multichat/protocol";
import type { Clock } from "../core/clock.ts";
import type { RoomNotice } from "../model/room-snapshot.ts";

const MOST = 50;

/** Who came into a room and went lately. */
export class RoomNotices {
  readonly #clock: Clock;
  #soFar = 0;
  #all: readonly RoomNotice[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Oldest first. The same array until it changes. */
  get all(): readonly RoomNotice[] {
    return this.#all;
  }

  add(kind: RoomNotice["kind"], user: Author, afterSeq: number): void {
    this.#soFar += 1;
    const notice = { key: `notice:${this.#soFar}`, kind, user, at: this.#clock.now(), afterSeq };
    this.#all = [...this.#all, notice].slice(-MOST);
  }

  clear(): void {
    this.#all = [];
  }
}
