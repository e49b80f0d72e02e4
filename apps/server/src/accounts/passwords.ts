import { hash, verify } from "@node-rs/argon2";
import { StoreError } from "../store/store-error.ts";

/** OWASP's first choice for argon2id on a server that shares its memory: 19 MiB, two passes, one lane (about 25 ms). */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Hashes at once: they take threads of the pool that files are read with, and 19 MiB each. */
const MAX_CONCURRENT_HASHES = 2;
/** Hashes that may wait; more would only time out. */
const MAX_WAITING_HASHES = 200;

/** Makes and checks password hashes off the main thread, a few at a time, so that a crowd at the door starves nobody. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @throws StoreError `busy` when too many wait already. */
  hash(password: string): Promise<string> {
    // argon2id is the library's default; its enum of algorithms cannot be named in erasable TypeScript.
    return this.#withSlot(() => hash(normalise(password), COST));
  }

  /** @throws StoreError `busy` when too many wait already. */
  verify(hashed: string, password: string): Promise<boolean> {
    return this.#withSlot(() => verify(hashed, normalise(password)));
  }

  async #withSlot<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_CONCURRENT_HASHES) {
      if (this.#waiting.length >= MAX_WAITING_HASHES) {
        throw new StoreError(
          "busy",
          `expected at most ${MAX_WAITING_HASHES} passwords waiting to be checked: try again later`,
        );
      }
      await new Promise<void>((turn) => this.#waiting.push(turn));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      // The place passes on without being free in between, so nobody overtakes.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

/** The same word typed on two systems can arrive composed and decomposed. */
function normalise(password: string): string {
  return password.normalize("NFC");
}
