import type { SearchStore } from "../../store.ts";
import { StoreError } from "../../store-error.ts";
import type { Reads } from "../operations.ts";
import type { ResolvedOptions } from "../options.ts";
import { thread } from "./start-worker.ts";
import type { WorkerClient } from "./worker-client.ts";

/** Searches waiting at once: each may take its time, and whoever asks more is told to try again. */
const SEARCHES = 200;

/** The thread of the searches, so that no history waits for one. It starts with the first. */
export class Searcher {
  readonly #options: ResolvedOptions;
  readonly #origin: string;
  #opened: Promise<WorkerClient<Reads>> | undefined;
  #closed = false;

  constructor(options: ResolvedOptions, origin: string) {
    // One at a time: the quick one is not to wait for the answer to the slow one before it.
    this.#options = { ...options, maxBatchSize: 1, maxQueuedCalls: Math.min(options.maxQueuedCalls, SEARCHES) };
    this.#origin = origin;
  }

  readonly find: SearchStore["find"] = async (question) => {
    if (this.#closed) throw new StoreError("closed", "the store is closed: nothing can be asked of it");
    this.#opened ??= this.#open();
    return (await this.#opened).call("search", question);
  };

  async close(): Promise<void> {
    this.#closed = true;
    // One that could not be opened has told whoever searched, and left nothing to close.
    const client = await this.#opened?.catch(() => undefined);
    await client?.close();
  }

  async #open(): Promise<WorkerClient<Reads>> {
    const client = thread<Reads>(this.#options, this.#origin, "searcher", {});
    try {
      await client.open();
      return client;
    } catch (error) {
      // The next search tries again.
      this.#opened = undefined;
      throw error;
    }
  }
}
