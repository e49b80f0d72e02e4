import type { Delivery, LayerGap, LayerMessage, Receiver } from "../layer/channel-layer.ts";
import { defaultTimeoutMs } from "./default-timeout.ts";

/** A receiver that keeps what it was given, for tests: it can be waited for, can be full, and can be broken. */
export class Inbox implements Receiver {
  readonly deliveries: Delivery[] = [];
  readonly gaps: LayerGap[] = [];
  /** Messages that it takes; every further one is refused, as by a full mailbox. */
  capacity = Number.POSITIVE_INFINITY;
  /** Called with each delivery before it is kept; what it throws is the receiver's failure. */
  beforeDeliver: ((delivery: Delivery) => void) | undefined;
  readonly #listeners = new Set<() => void>();

  get messages(): readonly LayerMessage[] {
    return this.deliveries.map((delivery) => delivery.message);
  }

  deliver(delivery: Delivery): boolean {
    this.beforeDeliver?.(delivery);
    if (this.deliveries.length >= this.capacity) return false;
    this.deliveries.push(delivery);
    for (const look of this.#listeners) look();
    return true;
  }

  layerGap(gap: LayerGap): void {
    this.gaps.push(gap);
    for (const look of this.#listeners) look();
  }

  /** The messages, as soon as there are `count` or more. */
  waitForCount(count: number, timeoutMs?: number): Promise<readonly LayerMessage[]> {
    return this.#waitUntil(
      () => this.deliveries.length >= count,
      () => this.messages,
      `${count} messages`,
      timeoutMs,
    );
  }

  /** The messages, as soon as one of them has this type. */
  waitForType(type: string, timeoutMs?: number): Promise<readonly LayerMessage[]> {
    return this.#waitUntil(
      () => this.deliveries.some((delivery) => delivery.message.type === type),
      () => this.messages,
      `a message of type "${type}"`,
      timeoutMs,
    );
  }

  /** The gaps, as soon as there are `count` or more. */
  waitForGaps(count: number, timeoutMs?: number): Promise<readonly LayerGap[]> {
    return this.#waitUntil(
      () => this.gaps.length >= count,
      () => this.gaps,
      `${count} gaps`,
      timeoutMs,
    );
  }

  #waitUntil<T>(met: () => boolean, value: () => T, what: string, timeoutMs = defaultTimeoutMs(5_000)): Promise<T> {
    if (met()) return Promise.resolve(value());
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!met()) return;
        clearTimeout(timer);
        this.#listeners.delete(look);
        resolve(value());
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(look);
        const types = this.messages.map((message) => message.type).join(", ");
        reject(
          new Error(`Expected ${what} within ${timeoutMs} ms; got ${this.deliveries.length} messages (${types}).`),
        );
      }, timeoutMs);
      this.#listeners.add(look);
    });
  }
}
