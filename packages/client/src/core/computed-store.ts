import type { Readable } from "./readable.ts";

/** Gathers the changes of one turn of the event loop, so that a listener is called once for all of them. */
export class NotificationBatch {
  #changed = new Set<ComputedStore<unknown>>();

  add(view: ComputedStore<unknown>): void {
    if (this.#changed.size === 0) queueMicrotask(() => this.#flush());
    this.#changed.add(view);
  }

  #flush(): void {
    const changed = this.#changed;
    this.#changed = new Set();
    for (const view of changed) view.notify();
  }
}

/** A Readable that is built when somebody looks at it, and built again only after `changed()`. */
export class ComputedStore<T> implements Readable<T> {
  readonly #turn: NotificationBatch;
  readonly #build: (previous: T | undefined) => T;
  readonly #watched: () => void;
  readonly #listeners = new Set<() => void>();
  #built: { readonly value: T } | undefined;
  #stale = true;

  /** `build` may return the previous value to say that nothing changed; `watched` hears of the first listener. */
  constructor(turn: NotificationBatch, build: (previous: T | undefined) => T, watched: () => void = () => {}) {
    this.#turn = turn;
    this.#build = build;
    this.#watched = watched;
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  readonly get = (): T => {
    if (this.#built === undefined || this.#stale) {
      this.#stale = false;
      const value = this.#build(this.#built?.value);
      if (this.#built?.value !== value || this.#built === undefined) this.#built = { value };
    }
    return this.#built.value;
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    // One function subscribed twice is two subscriptions.
    const call = () => listener();
    this.#listeners.add(call);
    if (this.#listeners.size === 1) this.#watched();
    return () => this.#listeners.delete(call);
  };

  changed(): void {
    this.#stale = true;
    if (this.#listeners.size > 0) this.#turn.add(this as ComputedStore<unknown>);
  }

  notify(): void {
    for (const listener of [...this.#listeners]) reportErrors(listener);
  }
}

/** A listener that throws is a bug of its owner: it is reported as uncaught, and the others are called all the same. */
export function reportErrors(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
