/** First in, first out, up to a limit. A ring that grows by doubling, so that an idle queue costs next to nothing. */
export class BoundedQueue<T> {
  readonly limit: number;
  #slots: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= this.limit;
  }

  /** Takes it although the queue may be full: for what has been read already and cannot be left with the sender. */
  push(item: T): void {
    if (this.#size === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = item;
    this.#size += 1;
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#size -= 1;
    return item;
  }

  clear(): void {
    this.#slots = [];
    this.#head = 0;
    this.#size = 0;
  }

  #grow(): void {
    const slots = new Array<T | undefined>(Math.max(4, this.#slots.length * 2)).fill(undefined);
    for (let i = 0; i < this.#size; i += 1) slots[i] = this.#slots[(this.#head + i) & (this.#slots.length - 1)];
    this.#slots = slots;
    this.#head = 0;
  }
}
