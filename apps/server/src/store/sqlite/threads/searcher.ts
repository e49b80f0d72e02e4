import { StoreError } from "../../store-error.ts";
import type { ResolvedOptions } from "../options.ts";
import { startWorker } from "./start-worker.ts";
import type { WorkerClient } from "./worker-client.ts";

/** A search may take long, so few of them may wait. */
const MAX_QUEUED_SEARCHES = 200;

/** After a user has come, whose first requests need the processor more. */
const WARM_UP_DELAY_MS = 100;
/** Finds nothing, and makes the thread read the beginning of the index and prepare its statements. */
const WARM_UP_SEARCH = { terms: [{ kind: "word", text: "warm" }], rooms: ["none"], limit: 1, viewer: "" };

/** The thread of the searches, so that no other read waits for one. It starts with the first user, or the first search. */
export class Searcher {
  readonly #options: ResolvedOptions;
  readonly #origin: string;
  #client: Promise<WorkerClient> | undefined;
  #isClosed = false;
  #warmUpTimer: NodeJS.Timeout | undefined;

  constructor(options: ResolvedOptions, origin: string) {
    const maxQueuedCalls = Math.min(options.maxQueuedCalls, MAX_QUEUED_SEARCHES);
    // One at a time, so that a quick search is not answered together with a slow one before it.
    this.#options = { ...options, maxBatchSize: 1, maxQueuedCalls };
    this.#origin = origin;
  }

  async call(operation: string, args: unknown): Promise<unknown> {
    if (this.#isClosed) throw new StoreError("closed", "the store is closed and takes no calls");
    this.#client ??= this.#open();
    return (await this.#client).call(operation, args);
  }

  /** Starts the thread soon, because its user may search: the first search would take as long as the start. */
  warmUp(): void {
    if (this.#warmUpTimer !== undefined || this.#client !== undefined || this.#isClosed) return;
    this.#warmUpTimer = setTimeout(() => {
      // Where it fails, so does the next search, which reports it.
      this.call("search.find", WARM_UP_SEARCH).catch(() => {});
    }, WARM_UP_DELAY_MS);
    this.#warmUpTimer.unref();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#warmUpTimer);
    // A client that failed to open has rejected its search, and left nothing to close.
    const client = await this.#client?.catch(() => undefined);
    await client?.close();
  }

  async #open(): Promise<WorkerClient> {
    const client = startWorker(this.#options, { role: "searcher", origin: this.#origin });
    try {
      await client.open();
      return client;
    } catch (error) {
      // The next search tries again.
      this.#client = undefined;
      throw error;
    }
  }
}
