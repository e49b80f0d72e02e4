/** Bounds how many operations run while further frames are read. At the limit, reading waits for one of them to end. */
export class InFlightLimit {
  readonly #max: number;
  #count = 0;
  #wake: (() => void) | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Adds an operation that never rejects. Returns undefined if the next can start immediately, otherwise a promise that
   * resolves when it can. For one caller at a time.
   */
  add(work: Promise<void>): Promise<void> | undefined {
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
