import { fullJitter } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";

export interface OutboxPausesHost {
  readonly clock: Clock;
  readonly random: () => number;
  /** A pause is over. */
  resume(): void;
}

/** When nothing is sent: nowhere, or not to one room. */
export class OutboxPauses {
  readonly #host: OutboxPausesHost;
  #until = 0;
  #inARow = 0;
  #stop: () => void = () => {};
  readonly #slow = new Map<string, () => void>();

  constructor(host: OutboxPausesHost) {
    this.#host = host;
  }

  get isOn(): boolean {
    return this.#host.clock.now() < this.#until;
  }

  isSlow(room: string): boolean {
    return this.#slow.has(room);
  }

  /** Longer with every one that follows upon another. */
  begin(seconds: number): void {
    const { clock, random, resume } = this.#host;
    this.#inARow += 1;
    const pause = seconds * 1000 + fullJitter(this.#inARow, random);
    this.#until = Math.max(this.#until, clock.now() + pause);
    this.#stop();
    this.#stop = clock.after(this.#until - clock.now(), resume);
  }

  /** As long as the room's slow mode asks. */
  slow(room: string, seconds: number): void {
    this.#slow.get(room)?.();
    const stop = this.#host.clock.after(seconds * 1000, () => {
      this.#slow.delete(room);
      this.#host.resume();
    });
    this.#slow.set(room, stop);
  }

  /** Something was taken. */
  worked(): void {
    this.#inARow = 0;
  }

  /** Another connection, other limits. */
  end(): void {
    this.#until = 0;
    this.#stop();
    for (const stop of this.#slow.values()) stop();
    this.#slow.clear();
  }
}
