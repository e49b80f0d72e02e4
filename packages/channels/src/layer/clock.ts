/** Where time comes from. Everything in the framework that waits asks its clock, so that tests can step it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once after `ms` milliseconds (0 to 2^31 - 1). The timer never keeps the process alive. */
  setTimeout(callback: () => void, ms: number): ClockTimer;
  /** Of a timer that has fired or was cleared is no error. */
  clearTimeout(timer: ClockTimer): void;
}

/** What `setTimeout` returned; only the clock that made it knows what it is. */
export type ClockTimer = object;

/** The longest delay a timer can have, in milliseconds: beyond it the runtime fires at once. */
export const MAX_DELAY_MS = 2_147_483_647;

/** The machine's own time. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  setTimeout: (callback: () => void, ms: number) => globalThis.setTimeout(callback, ms).unref(),
  // Timers of this clock come from the line above.
  clearTimeout: (timer: ClockTimer) => globalThis.clearTimeout(timer as NodeJS.Timeout),
});
