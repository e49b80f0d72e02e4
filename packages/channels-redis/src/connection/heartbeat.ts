import type { Redis } from "ioredis";

export interface ConnectionTiming {
  /** Milliseconds allowed for the first connection. */
  readonly connectTimeoutMs: number;
  /** Milliseconds between two pings of each connection; a ping unanswered when the next is due ends the connection. */
  readonly pingIntervalMs: number;
}

/**
 * Detects connections whose other end vanished without closing them (a pulled cable, a powered-off host, a frozen
 * server). The operating system would take a quarter of an hour to notice.
 */
export class Heartbeat {
  readonly #redis: Redis;
  readonly #timer: NodeJS.Timeout;
  /** Whether the last check left the connection waiting for a reply: to a ping, or to its handshake. */
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
    // Connecting has a timeout of its own, and a closed connection reopens by itself.
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
    const onReply = () => {
      this.#isAwaitingReply = false;
    };
    this.#redis.ping().then(onReply, onReply);
  }
}
