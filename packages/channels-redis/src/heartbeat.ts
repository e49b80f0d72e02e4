import type { Redis } from "ioredis";

export interface LinkTiming {
  /** Milliseconds that the first connection may take. */
  readonly connectTimeoutMs: number;
  /** Milliseconds between two pings of each connection; one that is not answered by the next is taken for lost. */
  readonly pingMs: number;
}

/**
 * Finds connections whose other end is gone without a word (a cable pulled, a host switched off): the operating system
 * would take a quarter of an hour, and nothing would arrive in all that time.
 */
export class Heartbeat {
  readonly #connections: readonly Redis[];
  readonly #pingMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(connections: readonly Redis[], timing: LinkTiming) {
    this.#connections = connections;
    this.#pingMs = timing.pingMs;
  }

  start(): void {
    const waiting = new WeakMap<Redis, number>();
    this.#timer = setInterval(() => {
      for (const redis of this.#connections) {
        if (redis.status !== "ready") continue;
        const unanswered = waiting.get(redis) ?? 0;
        if (unanswered > 0) {
          waiting.set(redis, 0);
          redis.disconnect(true);
          continue;
        }
        waiting.set(redis, 1);
        redis.ping().then(
          () => waiting.set(redis, 0),
          () => waiting.set(redis, 0),
        );
      }
    }, this.#pingMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
