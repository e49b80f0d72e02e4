import type { Delivery, LayerGap, LayerMessage, MemberControl, Receiver } from "../layer/channel-layer.ts";
import { defaultTimeoutMs } from "./default-timeout.ts";

/** What `GroupControl` has done with a connection. */
export type InboxOrder =
  | { readonly kind: "disconnect"; readonly code: number; readonly reason: string }
  | { readonly kind: "move"; readonly from: string; readonly to: string };

/** A receiver for tests. It records deliveries and gaps, lets tests wait for them, and can be full or throw. */
export class Inbox implements Receiver {
  readonly deliveries: Delivery[] = [];
  readonly gaps: LayerGap[] = [];
  /** The number of messages to accept; further ones are refused. */
  capacity = Number.POSITIVE_INFINITY;
  /** Called with each delivery before it is recorded. An error that it throws is thrown to the layer. */
  beforeDeliver: ((delivery: Delivery) => void) | undefined;
  readonly #listeners = new Set<() => void>();
  /** What `GroupControl` has asked for, in order. */
  readonly orders: InboxOrder[] = [];
  /** The user whose connection it stands for. */
  user: string | undefined;
  readonly control: MemberControl = {
    user: () => this.user,
    disconnect: (code, reason) => this.#record({ kind: "disconnect", code, reason }),
    move: async (from, to) => {
      this.#record({ kind: "move", from, to });
      await this.onMove?.(from, to);
    },
  };
  /** Moves its channel, as the runner of a connection does. */
  onMove: ((from: string, to: string) => Promise<void>) | undefined;

  #record(order: InboxOrder): void {
    this.orders.push(order);
    for (const listener of this.#listeners) listener();
  }

  get messages(): readonly LayerMessage[] {
    return this.deliveries.map((delivery) => delivery.message);
  }

  deliver(delivery: Delivery): boolean {
    this.beforeDeliver?.(delivery);
    if (this.deliveries.length >= this.capacity) return false;
    this.deliveries.push(delivery);
    for (const listener of this.#listeners) listener();
    return true;
  }

  layerGap(gap: LayerGap): void {
    this.gaps.push(gap);
    for (const listener of this.#listeners) listener();
  }

  /** Waits for `count` messages, and returns all. */
  waitForCount(count: number, timeoutMs?: number): Promise<readonly LayerMessage[]> {
    return this.#waitUntil(
      () => this.deliveries.length >= count,
      () => this.messages,
      `${count} messages`,
      timeoutMs,
    );
  }

  /** Waits for a message of this type, and returns all messages. */
  waitForType(type: string, timeoutMs?: number): Promise<readonly LayerMessage[]> {
    return this.#waitUntil(
      () => this.deliveries.some((delivery) => delivery.message.type === type),
      () => this.messages,
      `a message of type "${type}"`,
      timeoutMs,
    );
  }

  /** Waits for `count` gaps, and returns all. */
  waitForGaps(count: number, timeoutMs?: number): Promise<readonly LayerGap[]> {
    return this.#waitUntil(
      () => this.gaps.length >= count,
      () => this.gaps,
      `${count} gaps`,
      timeoutMs,
    );
  }

  /** Waits for `count` orders of `GroupControl`, and returns all. */
  waitForOrders(count: number, timeoutMs?: number): Promise<readonly InboxOrder[]> {
    return this.#waitUntil(
      () => this.orders.length >= count,
      () => this.orders,
      `${count} orders`,
      timeoutMs,
    );
  }

  #waitUntil<T>(
    isMet: () => boolean,
    getValue: () => T,
    expected: string,
    timeoutMs = defaultTimeoutMs(5_000),
  ): Promise<T> {
    if (isMet()) return Promise.resolve(getValue());
    return new Promise((resolve, reject) => {
      const listener = () => {
        if (!isMet()) return;
        clearTimeout(timer);
        this.#listeners.delete(listener);
        resolve(getValue());
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(listener);
        const types = this.messages.map((message) => message.type).join(", ");
        reject(
          new Error(`Expected ${expected} within ${timeoutMs} ms; got ${this.deliveries.length} messages (${types}).`),
        );
      }, timeoutMs);
      this.#listeners.add(listener);
    });
  }
}
