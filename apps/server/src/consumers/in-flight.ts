/** Work that goes on while the next frame is read, with a bound: at the bound, reading waits for the first to end. */
export class InFlight {
  readonly #most: number;
  #count = 0;
  #wake: (() => void) | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Begins a piece of work that never rejects; undefined when the next may come at once, otherwise resolves when it may.
   * One caller at a time.
   */
  begin(work: Promise<void>): Promise<void> | undefined {
    this.#count += 1;
    void work.finally(() => {
      this.#count -= 1;
      this.#wake?.();
      this.#wake = undefined;
    });
    if (this.#count < this.#most) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
