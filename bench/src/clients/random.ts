/** A seeded pseudo-random generator: a run can be repeated with the same plan. */
export class Random {
  #state: number;

  /** @param seed an integer; a fraction is dropped */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Returns a number from 0 to below 1. Mulberry32 (T. Ettinger, public domain). */
  readonly next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };

  /** Returns an independent generator for a part of the run, so that the parts do not depend on each other's order. */
  fork(part: number): Random {
    const mixed = Math.imul((this.#state ^ Math.imul(part + 1, 0x9e3779b1)) >>> 0, 0x85ebca6b);
    return new Random(mixed ^ (mixed >>> 13));
  }

  /** Returns an integer from 0 to below `bound`. */
  integerBelow(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** Returns a number from `low` to below `high`. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** Returns the time until an event that is equally likely at any moment. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  /** @throws RangeError for an empty list */
  pick<T>(from: readonly T[]): T {
    const picked = from[this.integerBelow(from.length)];
    if (picked === undefined) throw new RangeError("Expected a list with items to pick from, got an empty list.");
    return picked;
  }

  /** Returns up to `count` different items, in random order. */
  sample<T>(from: readonly T[], count: number): T[] {
    const left = [...from];
    const picked: T[] = [];
    while (picked.length < count && left.length > 0) picked.push(...left.splice(this.integerBelow(left.length), 1));
    return picked;
  }
}
