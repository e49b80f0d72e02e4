import type { Delivery, EventPosition, LayerMessage } from "./channel-layer.ts";
import { copyMessage, freezeMessage } from "./message.ts";

/** The delivery that every layer uses: one for each message and process, whatever the number of receivers. */
export class SharedDelivery implements Delivery {
  readonly message: LayerMessage;
  readonly position: EventPosition | undefined;
  // There is nearly always a single key, the encoder of the consumer class, which needs no map.
  #firstKey: object | undefined;
  #firstValue: unknown;
  #otherValues: Map<object, unknown> | undefined;

  /** `frozen` must be a result of `freezeMessage`. */
  constructor(frozen: LayerMessage, position?: EventPosition) {
    this.message = frozen;
    this.position = position;
  }

  /**
   * Checks, copies and freezes a message.
   * @throws InvalidMessage when the layer cannot carry the value (L2).
   */
  static from(message: unknown): SharedDelivery {
    return new SharedDelivery(freezeMessage(message));
  }

  copy(): LayerMessage {
    return copyMessage(this.message);
  }

  shared<T>(key: object, make: (message: LayerMessage) => T): T {
    // The casts hold because each key always comes with the same `make`.
    if (this.#firstKey === key) return this.#firstValue as T;
    if (this.#otherValues?.has(key) === true) return this.#otherValues.get(key) as T;
    const value = make(this.message);
    if (this.#firstKey === undefined) {
      this.#firstKey = key;
      this.#firstValue = value;
    } else {
      this.#otherValues ??= new Map();
      this.#otherValues.set(key, value);
    }
    return value;
  }
}
