import { randomUUID } from "node:crypto";
import type { ChannelLayer, Subscription } from "@multichat/channels";

/** Finds out by doing it whether the layer carries events: sends one to a group of its own, and waits until it comes back. */
export class LayerCheck {
  readonly #layer: ChannelLayer;
  readonly #group = `check.${randomUUID()}`;
  readonly #channel: string;
  readonly #waiting = new Map<number, () => void>();
  #subscription: Subscription | undefined;
  #last = 0;

  private constructor(layer: ChannelLayer) {
    this.#layer = layer;
    this.#channel = layer.newChannel("check");
  }

  static async open(layer: ChannelLayer): Promise<LayerCheck> {
    const check = new LayerCheck(layer);
    check.#subscription = await layer.subscribe(check.#channel, {
      deliver: ({ message }) => {
        check.#waiting.get(Number(message.n))?.();
        return true;
      },
      layerGap: () => {},
    });
    await check.renew();
    return check;
  }

  /** Memberships expire. */
  async renew(): Promise<void> {
    await this.#layer.groupAdd(this.#group, this.#channel);
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

  async close(): Promise<void> {
    await this.#subscription?.unsubscribe();
  }
}
