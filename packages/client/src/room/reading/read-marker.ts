import type { MemberState } from "@multichat/protocol";
import { Signal } from "../../core/signal.ts";
import type { RoomScope } from "../room-scope.ts";

/** The time between two read markers that are sent for one room. */
const SEND_INTERVAL_MS = 1_000;

/** Sends the user's read marker to the server: the first move at once, later moves at intervals, and the last one always. */
export class ReadMarker {
  /** The server has moved the marker, and replied with the user's state in the room. */
  readonly acknowledged = new Signal<MemberState>();
  readonly #scope: RoomScope;
  #seq = 0;
  /** The seq that was last sent, or that the server reported. */
  #sentSeq = 0;
  #stopTimer: (() => void) | undefined;

  constructor(scope: RoomScope) {
    this.#scope = scope;
  }

  move(seq: number): void {
    this.#seq = seq;
    if (this.#stopTimer === undefined) this.#send();
  }

  /** Uses the persisted marker, which the server may not have received. */
  restore(seq: number): void {
    this.#seq = seq;
  }

  /** The server's marker is at this seq. Sends the marker if it is further. */
  confirm(seq: number): void {
    this.#sentSeq = seq;
    if (this.#seq > seq && this.#stopTimer === undefined) this.#send();
  }

  forget(): void {
    this.#seq = 0;
    this.#sentSeq = 0;
  }

  #send(): void {
    const { id, log, context } = this.#scope;
    if (!log.isJoined) return;
    this.#sentSeq = this.#seq;
    this.#stopTimer = context.clock.after(SEND_INTERVAL_MS, () => {
      this.#stopTimer = undefined;
      if (this.#seq > this.#sentSeq) this.#send();
    });
    context.transport.request("room.read", { room: id, seq: this.#sentSeq }).then(
      (state) => this.acknowledged.emit(state),
      // The next move or the next join sends the marker again.
      () => {},
    );
  }
}
