/**
 * The names by which this process signs its changes. A process ignores its own entries of the change feed, because it knows of
 * them from their commit. Where the connection was lost before the answer to a COMMIT, it does not: the writer then goes on
 * under a new name, and what it has not learned of is read like a change of another process.
 */
export class Origins {
  readonly #createName: () => string;
  /** The last change of each former name that this process knows of. */
  readonly #former = new Map<string, number>();
  #present: string;

  constructor(createName: () => string) {
    this.#createName = createName;
    this.#present = createName();
  }

  get present(): string {
    return this.#present;
  }

  /** @param lastId the last change that the writer knows to be committed */
  renew(lastId: number): void {
    this.#former.set(this.#present, lastId);
    this.#present = this.#createName();
  }

  /** Whether this process knows of a change from its commit. */
  isKnown({ id, origin }: { readonly id: number; readonly origin: string }): boolean {
    if (origin === this.#present) return true;
    const lastId = this.#former.get(origin);
    return lastId !== undefined && id <= lastId;
  }
}
