import { Worker } from "node:worker_threads";
import type { BackgroundTask } from "../../background-errors.ts";
import type { ChangeFeedPage, StoreChange } from "../../change-feed/store-change.ts";
import { StoreError } from "../../store-error.ts";
import type { MigrationStep } from "../migrations/migrate-schema.ts";
import { toStoreError } from "../sqlite-errors.ts";
import { packCalls, unpackAnswers } from "./packed-calls.ts";
import type { Call, Failure, FromWorker, ToWorker, WorkerOptions } from "./worker-messages.ts";

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: StoreError) => void;
}

export interface WorkerListeners {
  /** Called before each step of an upgrade. */
  readonly onMigrating?: ((step: MigrationStep) => void) | undefined;
  /** Called with what this process changed, before the calls that changed it are answered. */
  readonly onOwnChanges?: (changes: readonly StoreChange[]) => void;
  /** Called with what other processes changed. */
  readonly onChanges?: (page: Pick<ChangeFeedPage, "entries" | "hasGap">) => void;
  /** Called when the thread has failed at what it does without a call. */
  readonly onBackgroundError?: (task: BackgroundTask, error: StoreError) => void;
}

type Ready = Extract<FromWorker, { kind: "ready" }>;

type State = "open" | "closing" | "closed";

/** The main thread's end of a database thread. The calls of one turn of the event loop travel together. */
export class WorkerClient {
  readonly #worker: Worker;
  readonly #role: WorkerOptions["role"];
  readonly #maxQueuedCalls: number;
  readonly #listeners: WorkerListeners;
  readonly #pending = new Map<number, PendingCall>();
  readonly #exited: Promise<void>;
  readonly #ready: PromiseWithResolvers<Ready>;
  #outbox: Call[] = [];
  #nextId = 1;
  #state: State = "open";
  #failure: StoreError | undefined;

  /**
   * Starts the thread, which loads its code; `open` then opens the file.
   *
   * @param maxQueuedCalls calls that may wait; one more is rejected as `busy`.
   */
  constructor(options: WorkerOptions, maxQueuedCalls: number, listeners: WorkerListeners) {
    const { role } = options;
    // The worker is TypeScript when run from the sources, JavaScript in the build.
    const entry = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
    const worker = new Worker(new URL(entry, import.meta.url), { workerData: options, name: `database ${role}` });
    this.#worker = worker;
    this.#role = role;
    this.#maxQueuedCalls = maxQueuedCalls;
    this.#listeners = listeners;
    this.#ready = Promise.withResolvers<Ready>();
    // Before `open` is called, a failure has no other handler.
    this.#ready.promise.catch(() => {});
    worker.on("message", (message: FromWorker) => this.#receive(message));
    worker.on("error", (error) => {
      this.#failure = toThreadFailure(role, error);
    });
    this.#exited = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#rejectEverything();
        resolve();
      });
    });
  }

  /** @throws StoreError where the file cannot be opened; the thread has ended then. */
  async open(): Promise<Ready> {
    this.#post({ kind: "open" });
    try {
      return await this.#ready.promise;
    } catch (error) {
      await this.#exited;
      throw error;
    }
  }

  call(operation: string, args: unknown): Promise<unknown> {
    if (this.#state !== "open") {
      return Promise.reject(this.#failure ?? new StoreError("closed", "the store is closed and takes no calls"));
    }
    if (this.#pending.size >= this.#maxQueuedCalls) {
      const message = `expected at most ${this.#maxQueuedCalls} waiting calls to the database ${this.#role}: try again later`;
      return Promise.reject(new StoreError("busy", message));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      if (this.#outbox.length === 0) setImmediate(() => this.#send());
      this.#outbox.push({ id, operation, args });
    });
  }

  /** Makes the reader read the changes of other processes now. */
  poll(): void {
    if (this.#state === "open") this.#post({ kind: "poll" });
  }

  /** Returns the memory that the thread no longer needs to the system. */
  releaseMemory(): void {
    if (this.#state === "open") this.#post({ kind: "release-memory" });
  }

  /** Informs the writer whether other servers have the database open; the transactions of later calls act on it. */
  setShared(isShared: boolean): void {
    if (this.#state === "open") this.#post({ kind: "share", isShared });
  }

  /** Resolves when every pending call has been answered and the file is closed. */
  async close(): Promise<void> {
    if (this.#state === "open") {
      this.#state = "closing";
      this.#send();
      this.#post({ kind: "close" });
    }
    await this.#exited;
  }

  #send(): void {
    if (this.#outbox.length === 0) return;
    const calls = this.#outbox;
    this.#outbox = [];
    this.#post({ kind: "calls", calls: packCalls(calls) });
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case "ready":
        this.#ready.resolve(message);
        break;
      case "migrating":
        this.#listeners.onMigrating?.(message.step);
        break;
      case "failed":
        this.#ready.reject(toError(message.error));
        break;
      case "background-error":
        this.#listeners.onBackgroundError?.(message.task, toError(message.error));
        break;
      case "changes":
        this.#listeners.onChanges?.(message);
        break;
      case "answers":
        this.#resolveCalls(message);
    }
  }

  #resolveCalls({ answers, changes }: Extract<FromWorker, { kind: "answers" }>): void {
    if (changes.length > 0) this.#listeners.onOwnChanges?.(changes);
    for (const answer of unpackAnswers(answers)) {
      const call = this.#pending.get(answer.id);
      if (call === undefined) continue;
      this.#pending.delete(answer.id);
      if ("error" in answer) call.reject(toError(answer.error));
      else call.resolve(answer.ok);
    }
  }

  #rejectEverything(): void {
    this.#state = "closed";
    this.#failure ??= new StoreError("closed", `the database ${this.#role} has ended: the store is closed`);
    this.#ready.reject(this.#failure);
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }
}

function toError({ code, message }: Failure): StoreError {
  return new StoreError(code, message);
}

/** A thread on a damaged file fails again after a restart. */
function toThreadFailure(role: WorkerOptions["role"], error: Error): StoreError {
  const { code, message } = toStoreError(error);
  if (code === "corrupt") return new StoreError(code, `the database ${role} failed: ${message}`, { cause: error });
  const advice = "restart the server; if it happens again, run `multichat doctor`";
  return new StoreError("closed", `the database ${role} failed: ${message}; ${advice}`, { cause: error });
}
