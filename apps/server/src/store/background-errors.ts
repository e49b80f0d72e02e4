import type { StoreError } from "./store-error.ts";

/** What the store does by itself, without a call that could be rejected. */
export type BackgroundTask =
  | "index messages"
  | "read the changes of other processes"
  | "reload rooms"
  | "trim the change feed";

export type BackgroundErrorListener = (error: StoreError, task: BackgroundTask) => void;

/** A task that keeps failing is tried again several times a second. */
const REPORT_INTERVAL_MS = 60_000;

/** Reports why background work failed: each different reason once, and one that lasts once a minute. */
export class BackgroundErrors {
  readonly #listener: BackgroundErrorListener;
  readonly #now: () => number;
  readonly #reported = new Map<BackgroundTask, { readonly message: string; readonly at: number }>();

  /** @param now A monotonic clock in milliseconds. */
  constructor(listener: BackgroundErrorListener, now: () => number = () => performance.now()) {
    this.#listener = listener;
    this.#now = now;
  }

  /** A store that is closed has nothing left to do. */
  report(task: BackgroundTask, error: StoreError): void {
    if (error.code === "closed") return;
    const last = this.#reported.get(task);
    const at = this.#now();
    if (last?.message === error.message && at - last.at < REPORT_INTERVAL_MS) return;
    this.#reported.set(task, { message: error.message, at });
    this.#listener(error, task);
  }
}
