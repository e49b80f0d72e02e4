import { ChannelsError } from "../errors.ts";
import { checkOptions } from "../options.ts";
import type {
  ChannelLayer,
  Drop,
  GroupHistory,
  GroupHistoryOptions,
  GroupPosition,
  GroupSendOptions,
  LayerMessage,
  LayerStats,
  LocalMember,
  Receiver,
  Subscription,
} from "./channel-layer.ts";
import { DropReporter } from "./drop-reporter.ts";
import { checkHistoryOptions, GroupHistories, historyGap } from "./group-histories.ts";
import { exceptOf } from "./group-send-options.ts";
import { LAYER_OPTION_NAMES, type LayerOptions, resolveLayerOptions } from "./layer-options.ts";
import { LocalChannels } from "./local-channels.ts";
import { freezeMessage } from "./message.ts";
import { ChannelNameGenerator, checkChannelName, checkGroupName } from "./names.ts";
import { requireInteger } from "./require-integer.ts";
import { SharedDelivery } from "./shared-delivery.ts";

export interface InMemoryLayerOptions extends LayerOptions {
  /**
   * Groups whose history is kept, 1 to 10,000,000; with one more, that of the least recently used group ends (L18).
   * @default 10_000
   */
  readonly maxHistoryGroups?: number;
}

/**
 * A channel layer within one process, for a single server and for tests. It keeps every rule but L11, which is about
 * losing the connection to a server.
 *
 * Delivery is synchronous: `send` and `groupSend` deliver to every receiver before they return their promise. A call
 * from within a receiver's `deliver` is delivered after the current message.
 */
export class InMemoryLayer implements ChannelLayer {
  readonly #drops: DropReporter;
  readonly #local: LocalChannels;
  readonly #histories: GroupHistories | undefined;
  readonly #channelNames = new ChannelNameGenerator();
  #sent = 0;
  #closed = false;

  /** @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: InMemoryLayerOptions = {}) {
    checkOptions<InMemoryLayerOptions>(options, { ...LAYER_OPTION_NAMES, maxHistoryGroups: true });
    const resolved = resolveLayerOptions(options);
    const { historyOf: policy, groupExpiryMs: numberingTtlMs, clock } = resolved;
    const maxGroups = requireInteger("maxHistoryGroups", options.maxHistoryGroups ?? 10_000, 1, 10_000_000);
    this.#histories = policy && new GroupHistories({ policy, numberingTtlMs, maxGroups, clock });
    this.#drops = new DropReporter(resolved.onError);
    this.#local = new LocalChannels(resolved, this.#drops);
  }

  newChannel(prefix?: string): string {
    return this.#channelNames.next(prefix);
  }

  async send(channel: string, message: LayerMessage): Promise<void> {
    this.#assertOpen("send");
    checkChannelName(channel);
    const delivery = SharedDelivery.from(message);
    this.#sent += 1;
    await this.#local.deliver(channel, delivery);
  }

  async groupAdd(group: string, channel: string): Promise<void> {
    this.#assertOpen("groupAdd");
    checkGroupName(group);
    checkChannelName(channel);
    this.#local.addMember(group, channel);
  }

  /** Works after `close` too, so that a consumer that ends late gets no error. */
  async groupDiscard(group: string, channel: string): Promise<void> {
    checkGroupName(group);
    checkChannelName(channel);
    this.#local.removeMember(group, channel);
  }

  async groupSend(
    group: string,
    message: LayerMessage,
    options: GroupSendOptions = {},
  ): Promise<GroupPosition | undefined> {
    this.#assertOpen("groupSend");
    checkGroupName(group);
    const except = exceptOf(options);
    const frozen = freezeMessage(message);
    this.#sent += 1;
    const position = this.#histories?.append(group, frozen, except);
    const delivery = new SharedDelivery(frozen, position && { group, ...position });
    await this.#local.deliverToGroup(group, delivery, except);
    return position;
  }

  async groupHistory(group: string, options: GroupHistoryOptions = {}): Promise<GroupHistory> {
    this.#assertOpen("groupHistory");
    checkGroupName(group);
    if (this.#histories !== undefined) return this.#histories.read(group, options);
    checkHistoryOptions(options);
    return historyGap("disabled");
  }

  async subscribe(channel: string, receiver: Receiver): Promise<Subscription> {
    this.#assertOpen("subscribe");
    checkChannelName(channel);
    return await this.#local.subscribe(channel, receiver);
  }

  async receive(channel: string, options: { readonly signal?: AbortSignal } = {}): Promise<LayerMessage> {
    this.#assertOpen("receive");
    checkChannelName(channel);
    return await this.#local.receive(channel, options.signal);
  }

  localMembers(group?: string): readonly LocalMember[] {
    return this.#local.members(group);
  }

  onDrop(listener: (drop: Drop) => void): () => void {
    return this.#drops.addListener(listener);
  }

  /** Returns the current channels, groups and memberships, and the counts since the layer was created. */
  stats(): LayerStats {
    return { ...this.#local.stats(), sent: this.#sent, dropped: this.#drops.counts(), gaps: 0 };
  }

  /** Removes queued messages, memberships and histories. Listeners stay subscribed. */
  async flush(): Promise<void> {
    this.#local.flush();
    this.#histories?.clear();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#local.close();
    this.#histories?.clear();
    this.#drops.close();
  }

  #assertOpen(operation: string): void {
    if (this.#closed) throw new ChannelsError("LayerClosed", { operation });
  }
}
