/** The steps that close what was opened, run in reverse order. */
export class CleanupStack {
  readonly #steps: (() => Promise<unknown>)[] = [];
  #closing: Promise<void> | undefined;

  defer(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** Runs every step once; a repeated call returns the same promise. */
  close(): Promise<void> {
    this.#closing ??= this.#run();
    return this.#closing;
  }

  async #run(): Promise<void> {
    for (const step of this.#steps.toReversed()) await step();
  }
}
