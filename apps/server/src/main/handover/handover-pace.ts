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
/** After this time without a report, those clients are asked whose time has come all the same. */
const REPORT_TIMEOUT_MS = 1_000;
/** Every client has been asked by then, and one each second at least: a successor that is always late, or silent, still takes them all. */
const MAX_DRAIN_MS = 60_000;
const MAX_CLIENT_MS = 1_000;

/**
 * Decides how many clients can leave for the successor: as many as it has just taken, and while it is late or silent only so many
 * that the drain ends.
 */
export class HandoverPace {
  readonly #now: () => number;
  #start: { readonly at: number; readonly clients: number } | undefined;
  readonly #asked: { readonly at: number; readonly count: number }[] = [];
  #askedCount = 0;
  #firstConnections: number | undefined;
  #waiting: PromiseWithResolvers<SuccessorLoad | undefined> | undefined;

  /** @param now returns the time in milliseconds; @default the system's monotonic clock */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes a report of the successor. */
  report(load: SuccessorLoad): void {
    this.#firstConnections ??= load.connections;
    this.#waiting?.resolve(load);
    this.#waiting = undefined;
  }

  /** Waits for the next report. */
  async nextBatch(remaining: number): Promise<number> {
    this.#start ??= { at: this.#now(), clients: remaining };
    const load = await this.#nextLoad();
    const now = this.#now();
    const places = load === undefined ? 0 : this.#freePlaces(load, now);
    const count = Math.min(remaining, Math.max(places, this.#overdue(this.#start, now)));
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

  /** How many clients have to be asked now, whatever the successor says. */
  #overdue({ at, clients }: { readonly at: number; readonly clients: number }, now: number): number {
    const perMs = Math.max(clients / MAX_DRAIN_MS, 1 / MAX_CLIENT_MS);
    return Math.max(0, Math.floor((now - at) * perMs) - this.#askedCount);
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
