import type { ChannelLayer } from "@multichat/channels";
import { doJob } from "./do-job.ts";
import type { Job, JobQueue } from "./job.ts";

/** Jobs in the server's own process: nothing else to run, and gone with it. */
export class InProcessJobs implements JobQueue {
  readonly #layer: ChannelLayer;
  readonly #concurrency: number;
  readonly #mostWaiting: number;
  readonly #waiting: Job[] = [];
  readonly #working = new Set<Promise<void>>();

  constructor(layer: ChannelLayer, { concurrency = 4, mostWaiting = 1_000 } = {}) {
    this.#layer = layer;
    this.#concurrency = concurrency;
    this.#mostWaiting = mostWaiting;
  }

  async add(job: Job): Promise<void> {
    if (this.#waiting.length >= this.#mostWaiting) throw new Error(`${this.#mostWaiting} jobs wait already; try later`);
    this.#waiting.push(job);
    this.#startWork();
  }

  async close(): Promise<void> {
    this.#waiting.length = 0;
    await Promise.all(this.#working);
  }

  #startWork(): void {
    while (this.#working.size < this.#concurrency) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      const work = this.#work(job).finally(() => {
        this.#working.delete(work);
        this.#startWork();
      });
      this.#working.add(work);
    }
  }

  async #work(job: Job): Promise<void> {
    // Not in the turn in which it was asked for: the asker hears that it is queued before it hears the result.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      await doJob(this.#layer, job);
    } catch (error) {
      console.error(`job ${job.id} failed:`, error);
    }
  }
}
