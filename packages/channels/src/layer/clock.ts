/** A source of time and timers. Everything in the framework that waits uses one, so that tests can control time. */
export interface Clock {
  /** Returns the time in milliseconds since the epoch. */
  now(): number;
  /** Calls back once after `ms` milliseconds (0 to 2^31 - 1). The timer never keeps the process alive. */
  setTimeout(callback: () => void, ms: number): ClockTimer;
  /** Cancels a timer. Does nothing for one that has fired or was cleared. */
  clearTimeout(timer: ClockTimer): void;
}

/** An opaque handle that `setTimeout` returns, valid for the same clock. */
export type ClockTimer = object;

/** The longest delay of a timer, in milliseconds: Node fires a timer with a longer one immediately. */
export const MAX_DELAY_MS = 2_147_483_647;

/** The system's clock. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  setTimeout: (callback: () => void, ms: number) => globalThis.setTimeout(callback, ms).unref(),
  // Timers of this clock are created by the line above.
  clearTimeout: (timer: ClockTimer) => globalThis.clearTimeout(timer as NodeJS.Timeout),
});
