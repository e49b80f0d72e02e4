import { Worker } from "node:worker_threads";
import type { ChangeFeedEntry } from "../../change-feed/change-feed.ts";
import type { StoreChange } from "../../store.ts";
import { StoreError } from "../../store-error.ts";
import type { Call, FromWorker, ToWorker, WorkerOptions } from "./worker-messages.ts";

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: StoreError) => void;
}

/** The context is the worker's; the rest, if there is any, travels. */
type ArgsOf<F> = F extends (context: never, ...args: infer A) => unknown ? A : never;

type Operations = Readonly<Record<string, (context: never, args: never) => Promise<unknown>>>;

export interface WorkerEvents {
  /** What this process changed, before the calls that changed it are answered. */
  readonly changed?: (changes: readonly StoreChange[]) => void;
  /** What other processes changed. */
  readonly heard?: (heard: readonly ChangeFeedEntry[], missed: boolean) => void;
}

type Ready = Extract<FromWorker, { kind: "ready" }>;

type State = "open" | "closing" | "closed";

/** The main thread's end of a database thread: calls of one turn of the event loop travel together. */
export class WorkerClient<O extends Operations> {
  readonly #worker: Worker;
  readonly #role: WorkerOptions["role"];
  readonly #maxQueuedCalls: number;
  readonly #events: WorkerEvents;
  readonly #pending = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  readonly #started: PromiseWithResolvers<Ready>;
  #outbox: Call[] = [];
  #nextId = 1;
  #state: State = "open";
  #death: StoreError | undefined;

  /**
   * Starts the thread, which loads its code; `open` then opens the file.
   *
   * @param maxQueuedCalls calls that may wait at once; one more is rejected as `busy`.
   */
  constructor(options: WorkerOptions, maxQueuedCalls: number, events: WorkerEvents) {
    const { role } = options;
    // Run from the sources the worker is TypeScript, from the build JavaScript.
    const entry = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
    const worker = new Worker(new URL(entry, import.meta.url), { workerData: options, name: `database ${role}` });
    this.#worker = worker;
    this.#role = role;
    this.#maxQueuedCalls = maxQueuedCalls;
    this.#events = events;
    this.#started = Promise.withResolvers<Ready>();
    // Where nobody opens the file, nobody waits for it either.
    this.#started.promise.catch(() => {});
    worker.on("message", (message: FromWorker) => this.#receive(message));
    worker.on("error", (error) => {
      this.#death = new StoreError("closed", `the database ${role} failed: ${error.message}; restart the server`, {
        cause: error,
      });
    });
    this.#exited = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#state = "closed";
        this.#death ??= new StoreError("closed", `the database ${role} has ended: the store is closed`);
        this.#started.reject(this.#death);
        for (const { reject } of this.#pending.values()) reject(this.#death);
        this.#pending.clear();
        resolve();
      });
    });
  }

  /** @throws StoreError what keeps the file from being opened; the thread has ended then. */
  async open(): Promise<Ready> {
    this.#post({ kind: "open" });
    try {
      return await this.#started.promise;
    } catch (error) {
      await this.#exited;
      throw error;
    }
  }

  call<N extends keyof O & string>(operation: N, ...[args]: ArgsOf<O[N]>): Promise<Awaited<ReturnType<O[N]>>> {
    if (this.#state !== "open") {
      return Promise.reject(this.#death ?? new StoreError("closed", "the store is closed: nothing can be asked of it"));
    }
    if (this.#pending.size >= this.#maxQueuedCalls) {
      const message = `expected at most ${this.#maxQueuedCalls} calls waiting for the database ${this.#role}: try again later`;
      return Promise.reject(new StoreError("busy", message));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // The worker runs the very operation of this name, so the answer is of its type.
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      if (this.#outbox.length === 0) setImmediate(() => this.#send());
      this.#outbox.push({ id, operation, args });
    });
  }

  /** Resolves when everything that was asked has been answered and the file is closed. */
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
    this.#post({ kind: "calls", calls });
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromWorker): void {
    if (message.kind === "ready") this.#started.resolve(message);
    if (message.kind === "failed") this.#started.reject(new StoreError(message.error.code, message.error.message));
    if (message.kind === "heard") this.#events.heard?.(message.heard, message.missed);
    if (message.kind !== "answers") return;
    if (message.changes.length > 0) this.#events.changed?.(message.changes);
    for (const answer of message.answers) {
      const waiting = this.#pending.get(answer.id);
      if (waiting === undefined) continue;
      this.#pending.delete(answer.id);
      if ("error" in answer) waiting.reject(new StoreError(answer.error.code, answer.error.message));
      else waiting.resolve(answer.ok);
    }
  }
}
