import { Refusal } from "../../access/refusal.ts";

/** Requests of one user that wait for their turn; further ones are refused. */
const MAX_WAITING = 256;
/** For one that came while too many of its user's waited. */
const BUSY_RETRY_SECONDS = 1;

/**
 * Starts one request of each user in a turn of the event loop. Many that arrive at once take as long as one after another, but
 * what other users do meanwhile waits for one of them, not for all.
 */
export class RequestTurns {
  /** By user, the requests that wait, in the order of their arrival. Only users who had a turn in this or the last one are in it. */
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #maxWaiting: number;

  constructor(maxWaiting: number = MAX_WAITING) {
    this.#maxWaiting = maxWaiting;
  }

  /** Waits for the turn of a request. @throws Refusal where too many wait */
  async wait(key: string): Promise<void> {
    const turn = this.take(key);
    if (turn === false) throw new Refusal("RATE_LIMITED", undefined, { retryAfter: BUSY_RETRY_SECONDS });
    if (turn !== undefined) await turn;
  }

  /** Resolves when it is the turn of a request; undefined: now. @returns false where too many wait */
  take(key: string): Promise<void> | undefined | false {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      this.#waiting.set(key, []);
      setImmediate(() => this.#next(key));
      return undefined;
    }
    if (waiting.length >= this.#maxWaiting) return false;
    return new Promise((resolve) => waiting.push(resolve));
  }

  #next(key: string): void {
    const start = this.#waiting.get(key)?.shift();
    if (start === undefined) {
      this.#waiting.delete(key);
      return;
    }
    start();
    setImmediate(() => this.#next(key));
  }
}
