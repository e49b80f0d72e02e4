import type { ChannelLayer } from "@multichat/channels";
import type { Job, JobQueue } from "./job.ts";
import { runJob } from "./run-job.ts";

/** Jobs in the server's own process: nothing else to start, but lost when it stops. */
export class InProcessJobs implements JobQueue {
  readonly #layer: ChannelLayer;
  readonly #concurrency: number;
  readonly #maxWaiting: number;
  readonly #waiting: Job[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(layer: ChannelLayer, { concurrency = 4, maxWaiting = 1_000 } = {}) {
    this.#layer = layer;
    this.#concurrency = concurrency;
    this.#maxWaiting = maxWaiting;
  }

  async add(job: Job): Promise<void> {
    if (this.#waiting.length >= this.#maxWaiting)
      throw new Error(`${this.#maxWaiting} jobs are waiting; try again later`);
    this.#waiting.push(job);
    this.#startJobs();
  }

  async close(): Promise<void> {
    this.#waiting.length = 0;
    await Promise.all(this.#running);
  }

  #startJobs(): void {
    while (this.#running.size < this.#concurrency) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      const run = this.#run(job).finally(() => {
        this.#running.delete(run);
        this.#startJobs();
      });
      this.#running.add(run);
    }
  }

  async #run(job: Job): Promise<void> {
    // Starts in a later turn of the event loop, so that "queued" reaches the client before the result.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      await runJob(this.#layer, job);
    } catch (error) {
      console.error(`failed to run job ${job.id}:`, error);
    }
  }
}
