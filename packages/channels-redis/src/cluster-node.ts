import { FirstConnection } from "./first-connection.ts";
import { Hearer, type HearerListener } from "./hearer.ts";
import type { LinkTiming } from "./heartbeat.ts";
import type { RedisHost } from "./hosts.ts";
import { Speaker } from "./speaker.ts";

/** One node of a cluster: a connection that speaks, and one that hears once there is something to hear. */
export class ClusterNode {
  readonly key: string;
  readonly speaker: Speaker;
  readonly #host: RedisHost;
  readonly #listener: HearerListener;
  readonly #timing: LinkTiming;
  #hearer: Hearer | undefined;
  #first: FirstConnection | undefined;

  constructor(key: string, host: RedisHost, listener: HearerListener, timing: LinkTiming) {
    this.key = key;
    this.#host = host;
    this.#listener = listener;
    this.#timing = timing;
    this.speaker = new Speaker(host, timing);
  }

  /** Opened by the first who asks. */
  get hearer(): Hearer {
    if (this.#hearer !== undefined) return this.#hearer;
    const first = new FirstConnection(this.#timing.connectTimeoutMs);
    const listener: HearerListener = {
      ...this.#listener,
      whole: (lostAt) => {
        first.succeed();
        this.#listener.whole(lostAt);
      },
      failed: (error) => first.failed(error),
    };
    this.#first = first;
    this.#hearer = new Hearer(this.#host, listener, this.#timing, { sharded: true });
    return this.#hearer;
  }

  /** Until it hears for the first time. Rejects when that takes too long. */
  async hearing(): Promise<void> {
    await this.#first?.wait();
  }

  /** Whether what it should hear is heard. */
  get whole(): boolean {
    return this.speaker.ready && (this.#hearer === undefined || this.#hearer.whole);
  }

  unsubscribe(topic: string): void {
    this.#hearer?.unsubscribe(topic);
  }

  /** The slots of the cluster as this node knows them: first and last slot, and the address of their master. */
  async slots(): Promise<readonly SlotRange[]> {
    const reply = (await this.speaker.redis.cluster("SLOTS")) as readonly unknown[];
    return reply.map((entry) => {
      const [first, last, master] = entry as readonly [number, number, readonly unknown[]];
      const host = String(master[0] ?? "");
      // A node that does not know its own name says nothing: it is the one that was asked.
      const address = host === "" || host === "?" ? this.key.slice(0, this.key.lastIndexOf(":")) : host;
      return { first, last, key: `${address}:${String(master[1])}` };
    });
  }

  async close(): Promise<void> {
    this.#first?.close();
    await Promise.all([this.speaker.close(), this.#hearer?.close()]);
  }
}

export interface SlotRange {
  readonly first: number;
  readonly last: number;
  /** `host:port`. */
  readonly key: string;
}
