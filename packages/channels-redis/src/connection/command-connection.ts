import type { Redis } from "ioredis";
import { type ConnectionTiming, Heartbeat } from "./heartbeat.ts";
import { closeRedis, openRedis, type RedisHost } from "./redis-host.ts";

/**
 * A connection that sends commands. What is said in one turn of the event loop leaves in one write, in the order in which
 * it was said: measured at three times the rate of a write a command, and twice that of the client library's pipelines,
 * which wait for one another.
 */
export class CommandConnection {
  readonly redis: Redis;
  readonly #heartbeat: Heartbeat;
  #isCorked = false;

  constructor(host: RedisHost, timing: ConnectionTiming) {
    this.redis = openRedis(host);
    this.#heartbeat = new Heartbeat(this.redis, timing.pingIntervalMs);
    this.redis.connect().catch(() => undefined);
  }

  get isReady(): boolean {
    return this.redis.status === "ready";
  }

  /** The connection, about to be written to. */
  get corked(): Redis {
    const { stream } = this.redis;
    if (!this.#isCorked && stream !== undefined) {
      this.#isCorked = true;
      stream.cork();
      setImmediate(() => {
        this.#isCorked = false;
        stream.uncork();
      });
    }
    return this.redis;
  }

  async close(): Promise<void> {
    this.#heartbeat.stop();
    await closeRedis(this.redis);
  }
}
