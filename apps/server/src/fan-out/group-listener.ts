import type { ChannelLayer, LayerMessage, Subscription } from "@multichat/channels";

export interface GroupListenerOptions {
  /** The prefix of the channel's name. */
  readonly name: string;
  /** Groups to join at once. @default none */
  readonly groups?: readonly string[];
  /** Called before connections that joined the group later receive the same message. Must not throw. */
  readonly onMessage: (message: LayerMessage) => void;
}

/** A channel of the process itself, which receives what is sent to the groups that it joins. */
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
    { name, groups = [], onMessage }: GroupListenerOptions,
  ): Promise<GroupListener> {
    const subscription = await layer.subscribe(layer.newChannel(name), {
      deliver: ({ message }) => {
        onMessage(message);
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

  /** Joins every group again, because memberships expire. */
  async renew(): Promise<void> {
    for (const group of [...this.#groups]) await this.#layer.groupAdd(group, this.#subscription.channel);
  }

  async close(): Promise<void> {
    await this.#subscription.unsubscribe();
  }
}
