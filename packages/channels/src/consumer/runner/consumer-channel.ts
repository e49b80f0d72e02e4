import { ChannelsError } from "../../errors.ts";
import type { ChannelLayer, Receiver, Subscription } from "../../layer/channel-layer.ts";
import type { LayerRegistry } from "../../layer/layer-registry.ts";

/** The static members of a consumer class that concern its layer. */
export interface LayerSettings {
  readonly name: string;
  readonly layer: string | null;
  readonly groups: readonly string[];
}

/** Groups that are kept in a list, which takes a third of what a set does. */
const MAX_LISTED_GROUPS = 16;
const NO_GROUPS: readonly string[] = Object.freeze([]);

/** The channel of one consumer on the layer of its class, with its subscription and its groups. */
export class ConsumerChannel {
  #groups: readonly string[] | Set<string> = NO_GROUPS;
  readonly #settings: LayerSettings;
  readonly #layers: LayerRegistry;
  #layer: ChannelLayer | undefined;
  #name = "";
  #subscription: Subscription | undefined;

  constructor(settings: LayerSettings, layers: LayerRegistry) {
    this.#settings = settings;
    this.#layers = layers;
  }

  /**
   * The layer of the consumer class.
   * @throws InvalidConsumer when the class has none; UnknownLayer when it is not registered.
   */
  get layer(): ChannelLayer {
    if (this.#layer === undefined) {
      if (this.#settings.layer === null) {
        throw new ChannelsError("InvalidConsumer", {
          consumer: this.#settings.name,
          problem: "it uses its layer, but its `static layer` is null. Set `static layer` to the alias of a layer",
        });
      }
      this.#layer = this.#layers.get(this.#settings.layer);
    }
    return this.#layer;
  }

  /** The name of the channel; empty before `subscribe`. */
  get name(): string {
    return this.#name;
  }

  /** The groups that the consumer has joined. */
  get groups(): ReadonlySet<string> {
    return this.#groups instanceof Set ? this.#groups : new Set(this.#groups);
  }

  /** Subscribes the receiver to a new channel and joins the groups of the consumer class. */
  async subscribe(receiver: Receiver): Promise<void> {
    const alias = this.#settings.layer;
    if (alias === null) return;
    // A program without layers is valid. It gets an error only when a consumer uses its layer.
    if (alias === "default" && !this.#layers.aliases().includes(alias)) return;
    this.#layer = this.#layers.get(alias);
    this.#name = this.#layer.newChannel("specific");
    this.#subscription = await this.#layer.subscribe(this.#name, receiver);
    for (const group of this.#settings.groups) await this.groupAdd(group);
  }

  async groupAdd(group: string): Promise<void> {
    await this.layer.groupAdd(group, this.#name);
    if (this.#groups instanceof Set) this.#groups.add(group);
    else if (!this.#groups.includes(group)) {
      // Not `push`, which leaves room for 16 more.
      const groups = this.#groups.concat([group]);
      this.#groups = groups.length <= MAX_LISTED_GROUPS ? groups : new Set(groups);
    }
  }

  async groupDiscard(group: string): Promise<void> {
    await this.layer.groupDiscard(group, this.#name);
    if (this.#groups instanceof Set) this.#groups.delete(group);
    else if (this.#groups.includes(group)) this.#groups = this.#groups.filter((joined) => joined !== group);
  }

  /** Ends the subscription, and with it the memberships. */
  async unsubscribe(): Promise<void> {
    await this.#subscription?.unsubscribe();
  }

  /** Forgets the groups, whose memberships have ended with the subscription. */
  clear(): void {
    this.#groups = NO_GROUPS;
  }
}
