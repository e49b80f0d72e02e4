/** A connection that is checked periodically. */
export interface HeartbeatTarget {
  /** The set of targets that it is in; for `Heartbeat` alone. */
  heartbeatSlot: Set<HeartbeatTarget> | undefined;
  /** Sends a ping, or ends the connection if it did not answer the last ones. */
  checkHeartbeat(): void;
}

const SLOT_COUNT = 25;

/**
 * Checks all connections with a single timer. Each tick checks the targets of one slot, so that every target is checked
 * once in each interval and the checks are spread evenly.
 */
export class Heartbeat {
  readonly #slots: readonly Set<HeartbeatTarget>[] = Array.from(
    { length: SLOT_COUNT },
    () => new Set<HeartbeatTarget>(),
  );
  readonly #tickMs: number;
  #targets = 0;
  #timer: NodeJS.Timeout | undefined;
  #currentSlot = 0;
  #nextSlot = 0;

  constructor(intervalMs: number) {
    this.#tickMs = Math.max(1, intervalMs / SLOT_COUNT);
  }

  add(target: HeartbeatTarget): void {
    // Round robin keeps the slots balanced.
    const slot = this.#slots[this.#nextSlot % SLOT_COUNT];
    this.#nextSlot += 1;
    if (slot === undefined) return;
    slot.add(target);
    target.heartbeatSlot = slot;
    this.#targets += 1;
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs).unref();
  }

  remove(target: HeartbeatTarget): void {
    if (target.heartbeatSlot?.delete(target) !== true) return;
    target.heartbeatSlot = undefined;
    this.#targets -= 1;
    if (this.#targets === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    this.#currentSlot = (this.#currentSlot + 1) % SLOT_COUNT;
    for (const target of this.#slots[this.#currentSlot] ?? []) target.checkHeartbeat();
  }
}
