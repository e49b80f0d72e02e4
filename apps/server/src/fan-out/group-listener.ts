import type { ChannelLayer, LayerMessage, Subscription } from "@multichat/channels";

export interface GroupListenerOptions {
  /** The beginning of its channel's name. */
  readonly name: string;
  /** The groups that it is in from the beginning. @default none */
  readonly groups?: readonly string[];
  /** Called at once, before connections that joined the group later see the same event. It must not throw. */
  readonly onMessage: (message: LayerMessage) => void;
}

/** A member of groups on behalf of the process, beside the connections. */
export class GroupListener {
  readonly #layer: ChannelLayer;
  readonly #groups: Set<string>;
  readonly #subscription: Subscription;

  private constructor(layer: ChannelLayer, groups: readonly string[], subscription: Subscription) {
    this.#layer = layer;
    this.#groups = new Set(groups);
    this.#subscription = subscription;
  }

  static async open(
    layer: ChannelLayer,
    { name, groups = [], onMessage: hear }: GroupListenerOptions,
  ): Promise<GroupListener> {
    const subscription = await layer.subscribe(layer.newChannel(name), {
      deliver: ({ message }) => {
        hear(message);
        return true;
      },
      layerGap: () => {},
    });
    const listener = new GroupListener(layer, groups, subscription);
    await listener.renew();
    return listener;
  }

  async join(group: string): Promise<void> {
    this.#groups.add(group);
    await this.#layer.groupAdd(group, this.#subscription.channel);
  }

  async leave(group: string): Promise<void> {
    this.#groups.delete(group);
    await this.#layer.groupDiscard(group, this.#subscription.channel);
  }

  /** Memberships expire. */
  async renew(): Promise<void> {
    for (const group of [...this.#groups]) await this.#layer.groupAdd(group, this.#subscription.channel);
  }

  async close(): Promise<void> {
    await this.#subscription.unsubscribe();
  }
}
