import type { Drop, DropReason } from "./channel-layer.ts";

/** Counts the messages that a layer dropped and notifies listeners (L6). */
export class DropReporter {
  readonly #counts: Record<DropReason, number> = { capacity: 0, expired: 0, disconnected: 0 };
  readonly #listeners = new Set<{ readonly notify: (drop: Drop) => void }>();
  readonly #onError: (error: unknown, channel: string) => void;

  constructor(onError: (error: unknown, channel: string) => void) {
    this.#onError = onError;
  }

  report(drop: Drop): void {
    this.#counts[drop.reason] += 1;
    for (const listener of this.#listeners) {
      try {
        listener.notify(drop);
      } catch (error) {
        this.#onError(error, drop.channel);
      }
    }
  }

  /** Adds a listener, and returns a function that removes it. A function that was added twice is called twice. */
  addListener(notify: (drop: Drop) => void): () => void {
    const listener = { notify };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  counts(): Readonly<Record<DropReason, number>> {
    return { ...this.#counts };
  }

  /** Removes the listeners. The counts stay. */
  close(): void {
    this.#listeners.clear();
  }
}
