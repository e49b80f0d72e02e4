/** Numbers that look random and are the same for the same seed: a run can be planned again. */
export class Random {
  #state: number;

  /** @param seed a whole number; of others the fraction is lost */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below 1. Mulberry32 (T. Ettinger, public domain). */
  readonly next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };

  /** A number of its own for a part of the run, so that the parts do not depend on each other's order. */
  fork(part: number): Random {
    const mixed = Math.imul((this.#state ^ Math.imul(part + 1, 0x9e3779b1)) >>> 0, 0x85ebca6b);
    return new Random(mixed ^ (mixed >>> 13));
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** From `low` to below `high`. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** Waiting times of what happens at any time with the same likelihood. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  /** @throws RangeError when there is nothing to pick from */
  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (picked === undefined) throw new RangeError("Expected something to pick from, got an empty list.");
    return picked;
  }

  /** So many different ones, in random order. */
  some<T>(from: readonly T[], count: number): T[] {
    const left = [...from];
    const picked: T[] = [];
    while (picked.length < count && left.length > 0) picked.push(...left.splice(this.below(left.length), 1));
    return picked;
  }
}
