import type { MemberState } from "@multichat/protocol";
import { Signal } from "../../core/signal.ts";
import type { RoomScope } from "../room-scope.ts";
import { isLaterPlace, type MarkerPlace } from "./unread-counter.ts";

/** The time between two read markers that are sent for one room. */
const SEND_INTERVAL_MS = 1_000;

const START: MarkerPlace = { readSeq: 0, readRevision: 0 };

/** Sends the user's read marker to the server: the first move at once, later moves at intervals, and the last one always. */
export class ReadMarker {
  /** The server has moved the marker, and replied with the user's state in the room. */
  readonly acknowledged = new Signal<MemberState>();
  readonly #scope: RoomScope;
  #place = START;
  /** The place that was last sent, or that the server reported. */
  #sent = START;
  #stopTimer: (() => void) | undefined;

  constructor(scope: RoomScope) {
    this.#scope = scope;
  }

  move(place: MarkerPlace): void {
    this.restore(place);
    if (this.#stopTimer === undefined) this.#send();
  }

  /** Uses the persisted marker, which the server may not have received. */
  restore({ readSeq, readRevision = 0 }: MarkerPlace): void {
    this.#place = { readSeq, readRevision };
  }

  /** The server's marker is at this place. Sends the marker if it is later. */
  confirm(place: MarkerPlace): void {
    this.#sent = place;
    if (isLaterPlace(this.#place, place) && this.#stopTimer === undefined) this.#send();
  }

  forget(): void {
    this.#place = START;
    this.#sent = START;
  }

  #send(): void {
    const { id, log, context } = this.#scope;
    if (!log.isJoined) return;
    const { readSeq: seq, readRevision: revision = 0 } = this.#place;
    this.#sent = this.#place;
    this.#stopTimer = context.clock.after(SEND_INTERVAL_MS, () => {
      this.#stopTimer = undefined;
      if (isLaterPlace(this.#place, this.#sent)) this.#send();
    });
    // Always with the revision: a move that was made before the user moved the marker back on another device changes nothing.
    context.transport.request("room.read", { room: id, seq, revision }).then(
      (state) => this.acknowledged.emit(state),
      // The next move or the next join sends the marker again.
      () => {},
    );
  }
}
