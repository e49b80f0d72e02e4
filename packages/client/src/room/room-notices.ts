import type { Author } from "@multichat/protocol";
import type { Clock } from "../core/clock.ts";
import type { RoomNotice } from "../model/room-snapshot.ts";

const MAX_NOTICES = 50;

/** The users who entered and left a room lately, and how many are there. */
export class RoomNotices {
  readonly #clock: Clock;
  #count = 0;
  #all: readonly RoomNotice[] = [];
  #occupants: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Oldest first. The same array until it changes. */
  get all(): readonly RoomNotice[] {
    return this.#all;
  }

  add(kind: RoomNotice["kind"], user: Author, afterSeq: number): void {
    this.#count += 1;
    const notice = { key: `notice:${this.#count}`, kind, user, at: this.#clock.now(), afterSeq };
    this.#all = [...this.#all, notice].slice(-MAX_NOTICES);
  }

  /** The number of users in the room, as last reported by the server; null where it reports none. */
  get occupants(): number | null {
    return this.#occupants;
  }

  setOccupants(count: number | undefined): void {
    if (count !== undefined) this.#occupants = count;
  }

  clear(): void {
    this.#all = [];
  }
}
