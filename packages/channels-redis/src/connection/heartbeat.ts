import type { Redis } from "ioredis";

export interface ConnectionTiming {
  /** Milliseconds that the first connection may take. */
  readonly connectTimeoutMs: number;
  /** Milliseconds between two pings of each connection; one that is not answered by the next is taken for lost. */
  readonly pingIntervalMs: number;
}

/**
 * Finds connections whose other end is gone without a word (a cable pulled, a host switched off, a server that stands
 * still): the operating system would take a quarter of an hour, and nothing would arrive in all that time.
 */
export class Heartbeat {
  readonly #redis: Redis;
  readonly #timer: NodeJS.Timeout;
  /** The last beat found the connection waiting for an answer: to a ping, or to its handshake. */
  #isAwaitingReply = false;

  constructor(redis: Redis, pingIntervalMs: number) {
    this.#redis = redis;
    this.#timer = setInterval(() => this.#check(), pingIntervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const { status } = this.#redis;
    // Opening a connection has a limit of its own, and a closed one opens again by itself.
    if (status !== "ready" && status !== "connect") {
      this.#isAwaitingReply = false;
      return;
    }
    if (this.#isAwaitingReply) {
      this.#isAwaitingReply = false;
      this.#redis.disconnect(true);
      return;
    }
    this.#isAwaitingReply = true;
    if (status !== "ready") return;
    const answered = () => {
      this.#isAwaitingReply = false;
    };
    this.#redis.ping().then(answered, answered);
  }
}
