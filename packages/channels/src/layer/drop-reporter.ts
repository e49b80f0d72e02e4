import type { Drop, DropReason } from "./channel-layer.ts";

/** Counts the messages that a layer did not deliver and tells who asked (L6). */
export class DropReporter {
  readonly #counts: Record<DropReason, number> = { capacity: 0, expired: 0, disconnected: 0 };
  readonly #listeners = new Set<{ readonly tell: (drop: Drop) => void }>();
  readonly #onError: (error: unknown, channel: string) => void;

  constructor(onError: (error: unknown, channel: string) => void) {
    this.#onError = onError;
  }

  report(drop: Drop): void {
    this.#counts[drop.reason] += 1;
    for (const listener of this.#listeners) {
      try {
        listener.tell(drop);
      } catch (error) {
        this.#onError(error, drop.channel);
      }
    }
  }

  /** The same function may listen twice; each call is stopped by what it returned. */
  addListener(tell: (drop: Drop) => void): () => void {
    const listener = { tell };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  counts(): Readonly<Record<DropReason, number>> {
    return { ...this.#counts };
  }

  /** Forgets the listeners; the counts stay. */
  close(): void {
    this.#listeners.clear();
  }
}
