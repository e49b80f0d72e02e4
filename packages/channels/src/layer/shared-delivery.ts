import type { Delivery, LayerMessage } from "./channel-layer.ts";
import { copyMessage, freezeMessage } from "./message.ts";

/** The delivery that every layer hands out: one a message and process, whatever the number of receivers. */
export class SharedDelivery implements Delivery {
  readonly message: LayerMessage;
  // Nearly always there is one key, the consumer class's encoder: it needs no map.
  #firstKey: object | undefined;
  #firstValue: unknown;
  #others: Map<object, unknown> | undefined;

  /** Takes what `freezeMessage` returned. */
  constructor(frozen: LayerMessage) {
    this.message = frozen;
  }

  /** @throws InvalidMessage when the value cannot travel (L2). */
  static from(message: unknown): SharedDelivery {
    return new SharedDelivery(freezeMessage(message));
  }

  copy(): LayerMessage {
    return copyMessage(this.message);
  }

  shared<T>(key: object, make: (message: LayerMessage) => T): T {
    // The casts: what stands under a key was made by the `make` that belongs to it.
    if (this.#firstKey === key) return this.#firstValue as T;
    if (this.#others?.has(key) === true) return this.#others.get(key) as T;
    const made = make(this.message);
    if (this.#firstKey === undefined) {
      this.#firstKey = key;
      this.#firstValue = made;
    } else {
      this.#others ??= new Map();
      this.#others.set(key, made);
    }
    return made;
  }
}
