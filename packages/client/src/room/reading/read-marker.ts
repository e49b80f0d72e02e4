import type { MemberState } from "@multichat/protocol";
import type { Clock } from "../../core/clock.ts";

/** Milliseconds between two read markers of one room on the wire. */
const EVERY = 1_000;

export interface ReadMarkerHost {
  readonly clock: Clock;
  /** The room can be spoken of on this connection. */
  readonly isSeated: boolean;
  tell(seq: number): Promise<MemberState>;
  told(state: MemberState): void;
}

/** Tells the server how far a person has read: at once, then at most so often, the last word in any case. */
export class ReadMarker {
  readonly #host: ReadMarkerHost;
  #wanted = 0;
  /** Up to where the server was told, as far as that is not known to be lost. */
  #told = 0;
  #stop: (() => void) | undefined;

  constructor(host: ReadMarkerHost) {
    this.#host = host;
  }

  move(seq: number): void {
    this.#wanted = seq;
    if (this.#stop === undefined) this.#tell();
  }

  /** From before a reload: the server may not have been told. */
  restore(seq: number): void {
    this.#wanted = seq;
  }

  /** The server believes the marker to be here. */
  believed(seq: number): void {
    this.#told = seq;
    if (this.#wanted > seq && this.#stop === undefined) this.#tell();
  }

  forget(): void {
    this.#wanted = 0;
    this.#told = 0;
  }

  #tell(): void {
    if (!this.#host.isSeated) return;
    this.#told = this.#wanted;
    this.#stop = this.#host.clock.after(EVERY, () => {
      this.#stop = undefined;
      if (this.#wanted > this.#told) this.#tell();
    });
    this.#host.tell(this.#told).then(
      (state) => this.#host.told(state),
      // Lost, or too much at once: the next mark, or the next join, brings it.
      () => {},
    );
  }
}
