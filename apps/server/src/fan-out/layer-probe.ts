import { randomUUID } from "node:crypto";
import type { ChannelLayer, LayerMessage } from "@multichat/channels";
import { GroupListener } from "./group-listener.ts";

/** Finds out by doing it whether the layer carries events: sends one to a group of its own, and waits until it comes back. */
export class LayerCheck {
  readonly #layer: ChannelLayer;
  readonly #group = `check.${randomUUID()}`;
  readonly #waiting = new Map<number, () => void>();
  #last = 0;

  constructor(layer: ChannelLayer) {
    this.#layer = layer;
  }

  /** To be done before the first check. */
  listen(): Promise<GroupListener> {
    const hear = (message: LayerMessage): void => this.#waiting.get(Number(message.n))?.();
    return GroupListener.open(this.#layer, { name: "check", groups: [this.#group], hear });
  }

  /** @throws what keeps the layer from sending, or that nothing has come back in time. */
  async passes(withinMs = 3_000): Promise<void> {
    this.#last += 1;
    const n = this.#last;
    const back = Promise.withResolvers<void>();
    this.#waiting.set(n, back.resolve);
    const timer = setTimeout(
      () => back.reject(new Error(`expected an event to come back from the layer within ${withinMs} ms`)),
      withinMs,
    );
    try {
      await Promise.all([this.#layer.groupSend(this.#group, { type: "layer.check", n }), back.promise]);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(n);
    }
  }
}
