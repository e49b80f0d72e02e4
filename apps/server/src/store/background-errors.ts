import type { StoreError } from "./store-error.ts";

/** What the store does by itself, without a call that could be rejected. */
export type BackgroundTask =
  | "index messages"
  | "read the changes of other processes"
  | "reload rooms"
  | "send messages to other servers"
  | "connect for messages of other servers"
  | "trim the change feed";

export type BackgroundErrorListener<Task extends string = BackgroundTask> = (error: StoreError, task: Task) => void;

/** A task that keeps failing is tried again several times a second. */
const REPORT_INTERVAL_MS = 60_000;

/** Reasons of one task that are reported in this time: a message can hold what is different each time, such as a port. */
const MAX_REASONS = 10;

/** Reports why background work failed: each different reason once, and one that lasts once a minute. */
export class BackgroundErrors<Task extends string = BackgroundTask> {
  readonly #listener: BackgroundErrorListener<Task>;
  readonly #now: () => number;
  /** When each reason of a task was reported, in the last minute. */
  readonly #reported = new Map<Task, Map<string, number>>();

  /** @param now A monotonic clock in milliseconds. */
  constructor(listener: BackgroundErrorListener<Task>, now: () => number = () => performance.now()) {
    this.#listener = listener;
    this.#now = now;
  }

  /** A store that is closed has nothing left to do. */
  report(task: Task, error: StoreError): void {
    if (error.code === "closed") return;
    const now = this.#now();
    const reasons = this.#reported.get(task) ?? new Map<string, number>();
    for (const [reason, at] of reasons) if (now - at >= REPORT_INTERVAL_MS) reasons.delete(reason);
    if (reasons.has(error.message) || reasons.size >= MAX_REASONS) return;
    this.#reported.set(task, reasons.set(error.message, now));
    this.#listener(error, task);
  }
}
