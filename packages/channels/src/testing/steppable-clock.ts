import type { Clock, ClockTimer } from "../layer/clock.ts";

interface SteppableTimer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that stands still until a test moves it. */
export class SteppableClock implements Clock {
  readonly #timers = new Set<SteppableTimer>();
  #now: number;
  #timerCount = 0;

  /** @param start Milliseconds since the epoch at which it stands first. */
  constructor(start = 1_000_000) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): ClockTimer {
    this.#timerCount += 1;
    const timer: SteppableTimer = { at: this.#now + Math.max(0, ms), order: this.#timerCount, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: ClockTimer): void {
    // Only timers of this clock are in the set; any other is not found in it.
    this.#timers.delete(timer as SteppableTimer);
  }

  /** Timers that have neither fired nor been cleared: 0 where something must have left none behind. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /**
   * Moves time on and calls what is due on the way, in the order of time, then of setting. After each timer, and at
   * the end, promises that can settle without further time have settled; timers that they set in the span fire too.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`advance expects milliseconds from 0 on; got ${ms}.`);
    const end = this.#now + ms;
    await flushPromises();
    for (let next = this.#findNext(end); next !== undefined; next = this.#findNext(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await flushPromises();
    }
    this.#now = end;
  }

  #findNext(end: number): SteppableTimer | undefined {
    let first: SteppableTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }
}

/** One turn of the event loop: by then every chain of promises that needs nothing from outside has run to its end. */
function flushPromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
