import type { Redis } from "ioredis";

export interface LinkTiming {
  /** Milliseconds that the first connection may take. */
  readonly connectTimeoutMs: number;
  /** Milliseconds between two pings of each connection; one that is not answered by the next is taken for lost. */
  readonly pingMs: number;
}

/**
 * Finds connections whose other end is gone without a word (a cable pulled, a host switched off, a server that stands
 * still): the operating system would take a quarter of an hour, and nothing would arrive in all that time.
 */
export class Heartbeat {
  readonly #redis: Redis;
  readonly #timer: NodeJS.Timeout;
  /** The last beat found the connection waiting for an answer: to a ping, or to its handshake. */
  #waiting = false;

  constructor(redis: Redis, pingMs: number) {
    this.#redis = redis;
    this.#timer = setInterval(() => this.#beat(), pingMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const { status } = this.#redis;
    // Opening a connection has a limit of its own, and a closed one opens again by itself.
    if (status !== "ready" && status !== "connect") {
      this.#waiting = false;
      return;
    }
    if (this.#waiting) {
      this.#waiting = false;
      this.#redis.disconnect(true);
      return;
    }
    this.#waiting = true;
    if (status !== "ready") return;
    const answered = () => {
      this.#waiting = false;
    };
    this.#redis.ping().then(answered, answered);
  }
}
