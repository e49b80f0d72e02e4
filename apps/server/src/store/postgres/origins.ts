/** What this process knows of a change of the feed. */
export type ChangeState =
  /** It was made by another process, or by this one without an answer to its COMMIT. */
  | "unknown"
  /** This process knows of it from its commit. */
  | "known"
  /** It is committed, and the writer waits for the answer. */
  | "unanswered";

/** Names that are remembered: of the oldest, every change was read long ago. */
const MAX_FORMER = 1_000;

/**
 * The names by which this process signs its changes. A process ignores its own entries of the change feed, because it knows of
 * them from their commit. Where the connection was lost before the answer to a COMMIT, it does not: the writer then goes on
 * under a new name, and what it has not learned of is read like a change of another process.
 */
export class Origins {
  readonly #createName: () => string;
  /** The last change of each former name that this process knows of. */
  readonly #former = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #present: string;
  #lastKnownId = 0;

  constructor(createName: () => string) {
    this.#createName = createName;
    this.#present = createName();
  }

  get present(): string {
    return this.#present;
  }

  /** The last change of the feed when the writer committed last. */
  get lastKnownId(): number {
    return this.#lastKnownId;
  }

  /** Records a commit that was answered. @param lastId the last change of the feed in its transaction */
  confirm(lastId: number): void {
    this.#lastKnownId = lastId;
    for (const listener of this.#listeners) listener();
  }

  /** Takes a new name, because a COMMIT may not have been answered. */
  renew(): void {
    this.#former.set(this.#present, this.#lastKnownId);
    const [oldest] = this.#former.size > MAX_FORMER ? this.#former.keys() : [];
    if (oldest !== undefined) this.#former.delete(oldest);
    this.#present = this.#createName();
    for (const listener of this.#listeners) listener();
  }

  /** Calls the listener when changes are no longer unanswered. */
  onAnswered(listener: () => void): void {
    this.#listeners.add(listener);
  }

  stateOf({ id, origin }: { readonly id: number; readonly origin: string }): ChangeState {
    if (origin === this.#present) return id <= this.#lastKnownId ? "known" : "unanswered";
    const lastId = this.#former.get(origin);
    return lastId !== undefined && id <= lastId ? "known" : "unknown";
  }
}
