/** How many there are of each key, with a limit. Keys without any take no memory. */
export class KeyedLimit {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#limit = most;
  }

  /** False when the key has its fill; otherwise `leave` takes it back. */
  acquire(key: string): boolean {
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#limit) return false;
    this.#counts.set(key, count + 1);
    return true;
  }

  release(key: string): void {
    const count = this.#counts.get(key) ?? 0;
    if (count <= 1) this.#counts.delete(key);
    else this.#counts.set(key, count - 1);
  }
}
