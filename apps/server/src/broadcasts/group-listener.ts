import type { ChannelLayer, LayerMessage, Subscription } from "@multichat/channels";

export interface GroupListenerOptions {
  /** The beginning of its channel's name. */
  readonly name: string;
  readonly group: string;
  /** Called at once, before connections that joined the group later see the same event. It must not throw. */
  readonly hear: (message: LayerMessage) => void;
}

/** A member of a group on behalf of the process, beside the connections. */
export class GroupListener {
  readonly #layer: ChannelLayer;
  readonly #group: string;
  readonly #subscription: Subscription;

  private constructor(layer: ChannelLayer, group: string, subscription: Subscription) {
    this.#layer = layer;
    this.#group = group;
    this.#subscription = subscription;
  }

  static async open(layer: ChannelLayer, { name, group, hear }: GroupListenerOptions): Promise<GroupListener> {
    const subscription = await layer.subscribe(layer.newChannel(name), {
      deliver: ({ message }) => {
        hear(message);
        return true;
      },
      layerGap: () => {},
    });
    const listener = new GroupListener(layer, group, subscription);
    await listener.renew();
    return listener;
  }

  /** Memberships expire. */
  async renew(): Promise<void> {
    await this.#layer.groupAdd(this.#group, this.#subscription.channel);
  }

  async close(): Promise<void> {
    await this.#subscription.unsubscribe();
  }
}
