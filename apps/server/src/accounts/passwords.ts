import { StoreError } from "../store/store-error.ts";

/** OWASP's recommendation for argon2id with little memory: 19 MiB, two passes, one lane (about 25 ms). */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Concurrent hashes: each takes 19 MiB and a thread of the pool that also reads files. */
const MAX_CONCURRENT_HASHES = 2;
/** Waiting hashes; further ones would only time out. */
const MAX_WAITING_HASHES = 200;

/** Creates and verifies password hashes off the main thread, a few at a time, so that many sign-ins do not starve others. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @throws StoreError `busy` when too many wait already. */
  hash(password: string): Promise<string> {
    // argon2id is the library's default; its enum of algorithms cannot be named in erasable TypeScript.
    return this.#withSlot(async () => (await loadArgon2()).hash(normalize(password), COST));
  }

  /** @throws StoreError `busy` when too many wait already. */
  verify(hashed: string, password: string): Promise<boolean> {
    return this.#withSlot(async () => (await loadArgon2()).verify(hashed, normalize(password)));
  }

  async #withSlot<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_CONCURRENT_HASHES) {
      if (this.#waiting.length >= MAX_WAITING_HASHES) {
        throw new StoreError("busy", `expected at most ${MAX_WAITING_HASHES} waiting password checks; try again later`);
      }
      await new Promise<void>((resume) => this.#waiting.push(resume));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      // Passes its slot on directly, so that a new caller cannot overtake a waiting one.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

/** Different systems send the same characters composed or decomposed. */
function normalize(password: string): string {
  return password.normalize("NFC");
}

/** Loaded with the first password. Node keeps the module. */
function loadArgon2() {
  return import("@node-rs/argon2");
}
