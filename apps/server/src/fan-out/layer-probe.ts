import { randomUUID } from "node:crypto";
import type { ChannelLayer, LayerMessage } from "@multichat/channels";
import { GroupListener } from "./group-listener.ts";

/** Finds out by doing it whether the layer carries events: sends one to a group of its own, and waits until it comes back. */
export class LayerProbe {
  readonly #layer: ChannelLayer;
  readonly #group = `check.${randomUUID()}`;
  readonly #pending = new Map<number, () => void>();
  #lastId = 0;

  constructor(layer: ChannelLayer) {
    this.#layer = layer;
  }

  /** To be done before the first check. */
  listen(): Promise<GroupListener> {
    const hear = (message: LayerMessage): void => this.#pending.get(Number(message.n))?.();
    return GroupListener.open(this.#layer, { name: "check", groups: [this.#group], onMessage: hear });
  }

  /** @throws what keeps the layer from sending, or that nothing has come back in time. */
  async roundTrip(withinMs = 3_000): Promise<void> {
    this.#lastId += 1;
    const n = this.#lastId;
    const back = Promise.withResolvers<void>();
    this.#pending.set(n, back.resolve);
    const timer = setTimeout(
      () => back.reject(new Error(`expected an event to come back from the layer within ${withinMs} ms`)),
      withinMs,
    );
    try {
      await Promise.all([this.#layer.groupSend(this.#group, { type: "layer.probe", n }), back.promise]);
    } finally {
      clearTimeout(timer);
      this.#pending.delete(n);
    }
  }
}
