/** Work that goes on while the next frame is read, with a bound: at the bound, reading waits for the first to end. */
export class InFlightLimit {
  readonly #max: number;
  #count = 0;
  #wake: (() => void) | undefined;

  constructor(most: number) {
    this.#max = most;
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
    if (this.#count < this.#max) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
