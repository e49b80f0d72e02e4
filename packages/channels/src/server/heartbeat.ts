/** Somebody whose life is to be watched. */
export interface Beating {
  /** Asks for a sign of life, and draws the consequence when the last ones were missing. */
  beat(): void;
}

const slots = 25;

/**
 * One timer for all connections: a wheel of slots, of which it visits one a tick, so that every member is visited once
 * a period and the visits are spread over it.
 */
export class Heartbeat {
  readonly #wheel: readonly Set<Beating>[] = Array.from({ length: slots }, () => new Set<Beating>());
  readonly #slotOf = new Map<Beating, Set<Beating>>();
  readonly #tickMs: number;
  #timer: NodeJS.Timeout | undefined;
  #hand = 0;
  #next = 0;

  constructor(periodMs: number) {
    this.#tickMs = Math.max(1, periodMs / slots);
  }

  add(member: Beating): void {
    // Round robin keeps the slots equally full.
    const slot = this.#wheel[this.#next % slots];
    this.#next += 1;
    if (slot === undefined) return;
    slot.add(member);
    this.#slotOf.set(member, slot);
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs).unref();
  }

  remove(member: Beating): void {
    this.#slotOf.get(member)?.delete(member);
    this.#slotOf.delete(member);
    if (this.#slotOf.size === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    this.#hand = (this.#hand + 1) % slots;
    for (const member of this.#wheel[this.#hand] ?? []) member.beat();
  }
}
