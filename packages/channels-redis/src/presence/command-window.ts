/** Entries of the queue that are removed at once: removing each one would move all others. */
const MAX_STARTED = 1_000;

/** Runs commands in the order of the calls, a limited number at a time. */
export class CommandWindow {
  readonly #maxRunning: number;
  /** Each belongs to a call that has not been answered, so the callers bound them. */
  readonly #waiting: (() => void)[] = [];
  /** The index of the one that waits longest. */
  #next = 0;
  #running = 0;

  constructor(maxRunning: number) {
    this.#maxRunning = maxRunning;
  }

  /** @param command sends at once, without waiting for anything before. */
  async run<Reply>(command: () => Promise<Reply>): Promise<Reply> {
    if (this.#running >= this.#maxRunning) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await command();
    } finally {
      this.#startNext();
    }
  }

  /** Hands the place of a command that has ended to the one that waits longest. */
  #startNext(): void {
    const start = this.#waiting[this.#next];
    if (start === undefined) {
      this.#waiting.length = 0;
      this.#next = 0;
      this.#running -= 1;
      return;
    }
    this.#next += 1;
    if (this.#next === MAX_STARTED) {
      this.#waiting.splice(0, this.#next);
      this.#next = 0;
    }
    start();
  }
}
