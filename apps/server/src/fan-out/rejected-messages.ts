/** Log lines about rejected messages: at most one in this time, with the number of those in between. */
const LOG_INTERVAL_MS = 10_000;
/** Characters of a rejected message's type that are logged. */
const MAX_TYPE_CHARS = 64;

/**
 * Why a message of another process was rejected. `unreadable`: no message of this layer. `unexpected`: no hint, or in the wrong group.
 * `unfounded`: a hint of something that the database does not have.
 */
export type Rejection = "unreadable" | "unexpected" | "unfounded";

export interface RejectionLogger {
  warn(facts: object, message: string): void;
}

/** Counts the messages from outside the process that were not believed, and logs a few of them. */
export class RejectedMessages {
  readonly #logger: RejectionLogger;
  readonly #source: string;
  #count = 0;
  #loggedCount = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;

  /** @param source what carries the messages between the processes. @default "Redis" */
  constructor(logger: RejectionLogger, source = "Redis") {
    this.#logger = logger;
    this.#source = source;
  }

  /** The messages rejected since the start. */
  get count(): number {
    return this.#count;
  }

  add(reason: Rejection, type: string | null): void {
    this.#count += 1;
    const now = performance.now();
    if (now - this.#loggedAt < LOG_INTERVAL_MS) return;
    const rejected = this.#count - this.#loggedCount;
    this.#loggedAt = now;
    this.#loggedCount = this.#count;
    const event = type?.slice(0, MAX_TYPE_CHARS) ?? null;
    this.#logger.warn(
      { reason, event, rejected },
      `rejected messages from ${this.#source} that no server of this chat sent`,
    );
  }
}
