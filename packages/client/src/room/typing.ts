import type { Author } from "@multichat/protocol";
import type { Clock } from "../core/clock.ts";

/** Milliseconds that "somebody is writing" holds, by the protocol. */
const HOLDS = 6_000;
/** Milliseconds between two tellings of one's own. */
const TELL_EVERY = 3_000;
/** People who are shown as writing, at most. */
const MOST = 20;

export interface TypingHost {
  readonly clock: Clock;
  /** The room can be spoken of on this connection. */
  readonly isSeated: boolean;
  tell(writing: boolean): void;
  changed(): void;
}

/** Who is writing in one room: others, as the server tells, and oneself, as it is told. */
export class Typing {
  readonly #host: TypingHost;
  readonly #others = new Map<string, { readonly user: Author; readonly stop: () => void }>();
  #shown: readonly Author[] = [];
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(host: TypingHost) {
    this.#host = host;
  }

  /** The longest first. The same array until it changes. */
  get others(): readonly Author[] {
    return this.#shown;
  }

  started(user: Author): void {
    const known = this.#others.get(user.id);
    if (known === undefined && this.#others.size >= MOST) return;
    known?.stop();
    const stop = this.#host.clock.after(HOLDS, () => this.stopped(user.id));
    this.#others.set(user.id, { user, stop });
    if (known === undefined) this.#changed();
  }

  stopped(id: string): void {
    const known = this.#others.get(id);
    if (known === undefined) return;
    known.stop();
    this.#others.delete(id);
    this.#changed();
  }

  /** Nothing is heard of the others any more, and the server has forgotten that one was writing oneself. */
  forget(): void {
    this.#toldAt = Number.NEGATIVE_INFINITY;
    if (this.#others.size === 0) return;
    for (const { stop } of this.#others.values()) stop();
    this.#others.clear();
    this.#changed();
  }

  /** One is writing. */
  write(): void {
    const { clock, isSeated } = this.#host;
    if (!isSeated || this.#toldWithin(TELL_EVERY)) return;
    this.#toldAt = clock.now();
    this.#host.tell(true);
  }

  /** One has stopped. */
  rest(): void {
    const holds = this.#toldWithin(HOLDS);
    this.#toldAt = Number.NEGATIVE_INFINITY;
    if (this.#host.isSeated && holds) this.#host.tell(false);
  }

  /** What one wrote is sent: that says it, and writing again is told at once. */
  sent(): void {
    this.#toldAt = Number.NEGATIVE_INFINITY;
  }

  /** Not so of a time that is still to come: the clock was set back. */
  #toldWithin(milliseconds: number): boolean {
    const since = this.#host.clock.now() - this.#toldAt;
    return since >= 0 && since < milliseconds;
  }

  #changed(): void {
    this.#shown = [...this.#others.values()].map(({ user }) => user);
    this.#host.changed();
  }
}
