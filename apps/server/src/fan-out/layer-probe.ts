import { randomUUID } from "node:crypto";
import type { ChannelLayer, LayerMessage } from "@multichat/channels";
import { GroupListener } from "./group-listener.ts";

const GROUP_PREFIX = "probe.";

/** Whether a message from the layer's server can be a probe's, which no connection receives. */
export function isProbe(message: LayerMessage, group: string): boolean {
  return group.startsWith(GROUP_PREFIX) && message.type === "layer.probe" && Number.isSafeInteger(message.id);
}

/** Tests the layer with real events: sends one to a group of its own and waits until it comes back. */
export class LayerProbe {
  readonly #layer: ChannelLayer;
  readonly #group = `${GROUP_PREFIX}${randomUUID()}`;
  readonly #pending = new Map<number, () => void>();
  #lastId = 0;

  constructor(layer: ChannelLayer) {
    this.#layer = layer;
  }

  /** Starts to receive the probe's events. Call it before the first round trip. */
  listen(): Promise<GroupListener> {
    const onMessage = (message: LayerMessage): void => this.#pending.get(Number(message.id))?.();
    return GroupListener.open(this.#layer, { name: "probe", groups: [this.#group], onMessage });
  }

  /**
   * Resolves when an event has gone through the layer and come back. Events that this process sent before have come back too.
   * @throws The layer's error, or an error when nothing came back in time.
   */
  async roundTrip({ timeoutMs = 3_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#lastId += 1;
    const id = this.#lastId;
    const returned = Promise.withResolvers<void>();
    this.#pending.set(id, returned.resolve);
    const timer = setTimeout(
      () => returned.reject(new Error(`expected an event to come back from the layer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    try {
      await Promise.all([this.#layer.groupSend(this.#group, { type: "layer.probe", id }), returned.promise]);
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }
}
