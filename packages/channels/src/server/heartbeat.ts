/** Somebody whose life is to be watched. */
export interface HeartbeatTarget {
  /** Asks for a sign of life, and draws the consequence when the last ones were missing. */
  checkHeartbeat(): void;
}

const SLOT_COUNT = 25;

/**
 * One timer for all connections: a wheel of slots, of which it visits one a tick, so that every member is visited once
 * a period and the visits are spread over it.
 */
export class Heartbeat {
  readonly #slots: readonly Set<HeartbeatTarget>[] = Array.from(
    { length: SLOT_COUNT },
    () => new Set<HeartbeatTarget>(),
  );
  readonly #slotOf = new Map<HeartbeatTarget, Set<HeartbeatTarget>>();
  readonly #tickMs: number;
  #timer: NodeJS.Timeout | undefined;
  #currentSlot = 0;
  #nextSlot = 0;

  constructor(periodMs: number) {
    this.#tickMs = Math.max(1, periodMs / SLOT_COUNT);
  }

  add(member: HeartbeatTarget): void {
    // Round robin keeps the slots equally full.
    const slot = this.#slots[this.#nextSlot % SLOT_COUNT];
    this.#nextSlot += 1;
    if (slot === undefined) return;
    slot.add(member);
    this.#slotOf.set(member, slot);
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs).unref();
  }

  remove(member: HeartbeatTarget): void {
    this.#slotOf.get(member)?.delete(member);
    this.#slotOf.delete(member);
    if (this.#slotOf.size === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    this.#currentSlot = (this.#currentSlot + 1) % SLOT_COUNT;
    for (const member of this.#slots[this.#currentSlot] ?? []) member.checkHeartbeat();
  }
}
