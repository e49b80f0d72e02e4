import type { Clock, ClockTimer } from "../layer/clock.ts";

interface SteppableTimer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock whose time only a test advances. */
export class SteppableClock implements Clock {
  readonly #timers = new Set<SteppableTimer>();
  #nowMs: number;
  #timerCount = 0;

  /** `startMs` is the initial time in milliseconds since the epoch. */
  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimeout(callback: () => void, ms: number): ClockTimer {
    this.#timerCount += 1;
    const timer: SteppableTimer = { at: this.#nowMs + Math.max(0, ms), order: this.#timerCount, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: ClockTimer): void {
    // The cast is safe: a timer of another clock is not in the set.
    this.#timers.delete(timer as SteppableTimer);
  }

  /** Number of timers that have neither fired nor been cleared. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /**
   * Advances the time and fires the timers that become due, ordered by time, then by creation. Waits after each timer
   * until pending promises have settled, and also fires the timers that they set within the span.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`advance expects milliseconds of at least 0; got ${ms}.`);
    const endMs = this.#nowMs + ms;
    await flushPromises();
    for (let next = this.#findNext(endMs); next !== undefined; next = this.#findNext(endMs)) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.at);
      next.callback();
      await flushPromises();
    }
    this.#nowMs = endMs;
  }

  #findNext(endMs: number): SteppableTimer | undefined {
    let first: SteppableTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > endMs) continue;
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }
}

/** Waits for one turn of the event loop, by which time all promises that wait for nothing external have settled. */
function flushPromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
