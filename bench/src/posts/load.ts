import { distributionOf } from "../report/quantile.ts";
import type { LoadJob, LoadResult, PosterRecord } from "./plan.ts";
import { Poster } from "./poster.ts";

/** All connections of the load: each posts again as soon as one of its posts is acknowledged. */
export class Load {
  readonly #posters: readonly Poster[];
  #latenciesMs: number[] = [];
  #isMeasuring = false;
  #startedAt = 0;
  #cpu = process.cpuUsage();

  /** @param onFailure called when the server refuses a post, or closes a connection during the measured time. */
  constructor(job: LoadJob, onFailure: (reason: string) => void) {
    const onAcknowledged = (latencyMs: number): void => {
      if (this.#isMeasuring) this.#latenciesMs.push(latencyMs);
    };
    const onClosed = (): void => {
      if (this.#isMeasuring) onFailure("the server closed a connection");
    };
    this.#posters = job.tokens.map((token, index) => {
      const room = 1 + (index % job.rooms);
      return new Poster({ ...job, index, token, room, onAcknowledged, onFailure, onClosed });
    });
  }

  async start(): Promise<void> {
    await Promise.all(this.#posters.map((poster) => poster.join()));
    for (const poster of this.#posters) poster.post();
  }

  measure(): void {
    this.#isMeasuring = true;
    this.#startedAt = performance.now();
    this.#cpu = process.cpuUsage();
  }

  stopMeasuring(): LoadResult {
    this.#isMeasuring = false;
    const elapsedMs = performance.now() - this.#startedAt;
    const cpu = process.cpuUsage(this.#cpu);
    const { count, p50, p99, max } = distributionOf(this.#latenciesMs);
    this.#latenciesMs = [];
    return { acknowledged: count, elapsedMs, p50Ms: p50, p99Ms: p99, maxMs: max, cpuMicros: cpu.user + cpu.system };
  }

  records(): readonly PosterRecord[] {
    return this.#posters.map((poster) => poster.record());
  }
}
