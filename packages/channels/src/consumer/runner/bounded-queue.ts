const MIN_SLOTS = 4;
/** The slots of an empty queue: shared, because there are two for every connection. Nothing is written to it. */
const NO_SLOTS: never[] = [];

/**
 * A first-in, first-out queue with a limit: a ring buffer that grows by doubling, so that an idle queue costs little.
 */
export class BoundedQueue<T> {
  readonly limit: number;
  #slots: (T | undefined)[] = NO_SLOTS;
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

  /** Adds an item even when the queue is full: a frame that was already read cannot be returned to the sender. */
  push(item: T): void {
    if (this.#size === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = item;
    this.#size += 1;
  }

  /** Returns the next item without removing it. */
  peek(): T | undefined {
    return this.#slots[this.#head];
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#size -= 1;
    // Whatever its length: most connections have had a burst once, and are idle.
    if (this.#size === 0) this.clear();
    return item;
  }

  clear(): void {
    this.#slots = NO_SLOTS;
    this.#head = 0;
    this.#size = 0;
  }

  #grow(): void {
    const slots = new Array<T | undefined>(Math.max(MIN_SLOTS, this.#slots.length * 2)).fill(undefined);
    for (let index = 0; index < this.#size; index += 1) {
      slots[index] = this.#slots[(this.#head + index) & (this.#slots.length - 1)];
    }
    this.#slots = slots;
    this.#head = 0;
  }
}
