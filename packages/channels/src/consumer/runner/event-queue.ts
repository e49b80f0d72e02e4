import type { Delivery } from "../../layer/channel-layer.ts";
import { BoundedQueue } from "./bounded-queue.ts";
import type { ConnectionCounters } from "./connection-counters.ts";
import type { QueuedCall } from "./queued-call.ts";

type Item = Delivery | QueuedCall;

/** Events that may wait while further frames are handled. With fewer, a burst of both takes turns. */
const MAX_WAITING_BESIDE_FRAMES = 64;

/** The events that wait for a consumer, in the order of their arrival, and the one that a turn has taken. */
export class EventQueue extends BoundedQueue<Item> {
  readonly #counters: ConnectionCounters;
  #isTaken = false;

  constructor(limit: number, counters: ConnectionCounters) {
    super(limit);
    this.#counters = counters;
  }

  /** Whether every event that has arrived is handled. */
  get isIdle(): boolean {
    return this.size === 0 && !this.#isTaken;
  }

  /** Whether so many events wait that they go before the next frame. */
  get isBehind(): boolean {
    return this.size > Math.min(MAX_WAITING_BESIDE_FRAMES, this.limit / 2);
  }

  /** Adds an item even when the queue is full. */
  override push(item: Item): void {
    super.push(item);
    this.#counters.queuedEvents += 1;
  }

  /** Takes the next item, which is being handled until `release`. */
  take(): Item | undefined {
    const item = this.shift();
    this.#isTaken = item !== undefined;
    if (this.#isTaken) this.#counters.queuedEvents -= 1;
    return item;
  }

  release(): void {
    this.#isTaken = false;
  }

  override clear(): void {
    this.#counters.queuedEvents -= this.size;
    super.clear();
  }
}
