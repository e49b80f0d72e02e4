/** What a successor says about itself while it receives the clients of its predecessor. */
export interface SuccessorLoad {
  readonly connections: number;
  /** How long a read of the database took, with the waiting times of the event loop and of the database's thread. */
  readonly delayMs: number;
}

/** Clients that have been asked to reconnect and have not arrived. */
const MAX_UNDER_WAY = 48;
/** After this time one does not count any more: it went elsewhere, or nowhere. */
const UNDER_WAY_MS = 2_000;
/** With a longer delay the successor has enough to do. */
const MAX_DELAY_MS = 40;
/** Without a report for so long, one client is asked all the same, so that every drain ends. */
const REPORT_TIMEOUT_MS = 1_000;

/** Decides how many clients can leave for the successor: as many as it has just taken, and none while it is late. */
export class HandoverPace {
  readonly #asked: { readonly at: number; readonly count: number }[] = [];
  #askedCount = 0;
  #firstConnections: number | undefined;
  #waiting: PromiseWithResolvers<SuccessorLoad | undefined> | undefined;

  /** Takes a report of the successor. */
  report(load: SuccessorLoad): void {
    this.#firstConnections ??= load.connections;
    this.#waiting?.resolve(load);
    this.#waiting = undefined;
  }

  /** Waits for the next report. */
  async nextBatch(remaining: number): Promise<number> {
    const load = await this.#nextLoad();
    const now = performance.now();
    const count = Math.min(remaining, load === undefined ? 1 : this.#freePlaces(load, now));
    this.#asked.push({ at: now, count });
    this.#askedCount += count;
    return count;
  }

  #freePlaces({ connections, delayMs }: SuccessorLoad, now: number): number {
    if (delayMs > MAX_DELAY_MS) return 0;
    const oldest = this.#asked.findIndex(({ at }) => now - at < UNDER_WAY_MS);
    this.#asked.splice(0, oldest === -1 ? this.#asked.length : oldest);
    const askedLately = this.#asked.reduce((sum, { count }) => sum + count, 0);
    const notArrived = this.#askedCount - (connections - (this.#firstConnections ?? connections));
    return Math.max(0, MAX_UNDER_WAY - Math.min(askedLately, notArrived));
  }

  async #nextLoad(): Promise<SuccessorLoad | undefined> {
    const waiting = Promise.withResolvers<SuccessorLoad | undefined>();
    this.#waiting = waiting;
    const timer = setTimeout(() => waiting.resolve(undefined), REPORT_TIMEOUT_MS);
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(timer);
    }
  }
}
