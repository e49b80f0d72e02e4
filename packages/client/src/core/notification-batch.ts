/** A store whose listeners can be notified. */
export interface Notifiable {
  notify(): void;
}

/** Collects the stores that change within one turn of the event loop, so that a listener is called once for all changes. */
export class NotificationBatch {
  #changed = new Set<Notifiable>();

  add(store: Notifiable): void {
    if (this.#changed.size === 0) queueMicrotask(() => this.#flush());
    this.#changed.add(store);
  }

  #flush(): void {
    const changed = this.#changed;
    this.#changed = new Set();
    for (const store of changed) store.notify();
  }
}

/** Calls a listener of the application. What it throws is reported as an uncaught error, and does not stop other listeners. */
export function callListener(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
