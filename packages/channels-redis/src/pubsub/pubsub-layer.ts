import {
  type ChannelLayer,
  ChannelNameGenerator,
  ChannelsError,
  checkChannelName,
  checkGroupName,
  checkHistoryOptions,
  checkOptions,
  type Drop,
  DropReporter,
  exceptOf,
  freezeMessage,
  type GroupHistory,
  type GroupHistoryOptions,
  type GroupPosition,
  type GroupProcesses,
  type GroupSendOptions,
  type HistoryPolicy,
  type HistorySettings,
  historyGap,
  type LayerMessage,
  type LayerStats,
  LocalChannels,
  type LocalMember,
  type Receiver,
  resolveLayerOptions,
  SharedDelivery,
  type Subscription,
} from "@multichat/channels/layer";
import { type Codec, makeCodec } from "../codec/codec.ts";
import { hostIndex } from "../consistent-hash.ts";
import { EndedChannels } from "../ended-channels.ts";
import { type GroupAddress, PubSubHistory } from "../history/pubsub-history.ts";
import { disconnectedError, UnreadableMessageError } from "../layer-errors.ts";
import { REDIS_OPTION_NAMES, resolveRedisOptions } from "../redis-layer-options.ts";
import { CHANNEL_KEY, EXCEPT_KEY, freezeSentMessage, takeException } from "../sent-message.ts";
import { ClusterConnection, type RedisCluster } from "./cluster-connection.ts";
import type { PubSubConnection } from "./pubsub-connection.ts";
import type { MessageTarget, RedisPubSubOptions } from "./pubsub-options.ts";
import { ServerConnection } from "./server-connection.ts";

/**
 * A layer over Redis pub/sub. Topics, names and payloads are those of channels_redis' `RedisPubSubChannelLayer`, so Django,
 * FastAPI and Node processes can be members of the same groups.
 *
 * A process has one subscription per group, however many members; it decodes an event once and delivers it to all of
 * them. The server keeps nothing: a message to a named channel without a listener is lost (L3 without the waiting), and
 * so is everything sent while the server is unavailable, which `layerGap` reports (L11).
 */
export class RedisPubSubLayer implements ChannelLayer {
  /** Precedes the name of a group in its topic. */
  readonly #groupPrefix: string;
  readonly #codec: Codec;
  readonly #drops: DropReporter;
  readonly #local: LocalChannels;
  readonly #onError: (error: unknown, channel: string) => void;
  readonly #connections: readonly PubSubConnection[];
  readonly #endedChannels = new EndedChannels();
  /** Named channels that this process listens on. */
  readonly #namedChannels = new Set<string>();
  readonly #accept: RedisPubSubOptions["accept"];
  readonly #historyOf: HistoryPolicy | undefined;
  /** Undefined where no group has a history. */
  readonly #history: PubSubHistory | undefined;
  readonly #isCluster: boolean;
  readonly #namer = new ChannelNameGenerator();
  /** Processes in Node and in Python have one subscription for each group, however many members. */
  readonly groupProcesses: GroupProcesses = {
    count: async (group) => {
      const topic = this.#groupTopic(group);
      return await this.#connectionOf(topic).countSubscribers(topic);
    },
    isOne: (group) => {
      const topic = this.#groupTopic(group);
      return this.#connectionOf(topic).isSubscribed(topic);
    },
  };
  /** What the names of this process's channels contain. */
  readonly #ownPart = `${this.#namer.processId}!`;
  /** The prefixes of this process's own channel names, each with the confirmation of its subscription. */
  readonly #ownPrefixes = new Map<string, Promise<unknown>>();
  #sentCount = 0;
  #gapCount = 0;
  #isClosed = false;

  /** Starts to connect. @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: RedisPubSubOptions = {}) {
    checkOptions<RedisPubSubOptions>(options, { ...REDIS_OPTION_NAMES, cluster: true, accept: true });
    if (options.cluster !== undefined) {
      const names = { nodes: true, username: true, password: true, tls: true, natMap: true };
      checkOptions<RedisCluster>(options.cluster, names, "cluster.");
    }
    const redis = resolveRedisOptions(options);
    const layer = resolveLayerOptions(options);
    this.#groupPrefix = `${redis.prefix}__group__`;
    this.#codec = makeCodec({
      serializer: redis.serializer,
      symmetricEncryptionKeys: redis.symmetricEncryptionKeys,
      uniquePrefix: false,
      maxMessageBytes: redis.maxMessageBytes,
    });
    this.#accept = options.accept;
    this.#onError = layer.onError;
    this.#drops = new DropReporter(layer.onError);
    this.#local = new LocalChannels(layer, this.#drops, {
      onGroupClosed: (group) => {
        const topic = this.#groupTopic(group);
        const connection = this.#connectionOf(topic);
        connection.unsubscribe(topic);
        if (this.#history === undefined) return;
        connection.unsubscribe(this.#history.positionTopic(topic));
        this.#history.forget(group);
      },
    });
    const listener = {
      message: (topic: string, bytes: Buffer) => this.#receiveFromServer(topic, bytes),
      gap: (gap: { since: number; until: number }) => {
        this.#gapCount += 1;
        this.#local.notifyGap(gap);
      },
      refused: (topic: string, error: Error) => layer.onError(error, topic),
    };
    this.#isCluster = options.cluster !== undefined;
    this.#historyOf = layer.historyOf;
    if (layer.historyOf !== undefined) {
      this.#history = new PubSubHistory({
        prefix: redis.prefix,
        codec: this.#codec,
        numberingTtlMs: layer.groupExpiryMs,
        isCluster: this.#isCluster,
        isSubscribed: (topic) => this.#connectionOf(topic).isSubscribed(topic),
      });
    }
    this.#connections =
      options.cluster === undefined
        ? redis.hosts.map((host) => new ServerConnection(host, listener, redis.timing))
        : [new ClusterConnection(options.cluster, listener, redis.timing)];
  }

  /** Resolves when every server has answered; rejects with the reason if one does not. Other calls wait for it anyway. */
  async ready(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.ready()));
  }

  newChannel(prefix?: string): string {
    const name = this.#namer.next(prefix);
    // The next call that needs the subscription tries again, and rejects with the reason.
    void this.#subscribeToOwn(name).catch(() => undefined);
    return name;
  }

  async send(channel: string, message: LayerMessage): Promise<void> {
    this.#assertOpen("send");
    checkChannelName(channel);
    const frozen = freezeSentMessage(message);
    this.#sentCount += 1;
    // A message to a channel of this process skips the server, so the sender learns when the channel is full (L6).
    if (this.#isOwn(channel)) {
      await this.#local.deliver(channel, new SharedDelivery(frozen));
      return;
    }
    // On a cluster one sharded topic per process carries all of its channels, so the message names its channel.
    const prefixLength = this.#isCluster ? channel.indexOf("!") + 1 : 0;
    if (prefixLength > 0) {
      const topic = channel.slice(0, prefixLength);
      await this.#publish(topic, { ...frozen, [CHANNEL_KEY]: channel }, { channel });
    } else await this.#publish(channel, frozen, { channel });
  }

  async groupAdd(group: string, channel: string): Promise<void> {
    this.#assertOpen("groupAdd");
    checkGroupName(group);
    checkChannelName(channel);
    if (channel.includes("!") && !this.#isOwn(channel)) throw new ChannelsError("ForeignChannel", { channel });
    this.#endedChannels.delete(channel);
    this.#local.addMember(group, channel);
    const topic = this.#groupTopic(group);
    try {
      await this.#subscribeToGroup(group, topic);
    } catch (error) {
      // A caller whose groupAdd was rejected must not become a member when the server answers later.
      this.#local.removeMember(group, channel);
      throw disconnectedError(error);
    }
  }

  /** Allowed after `close`, where it does nothing: consumers may end later than their layer. */
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
    const frozen = freezeSentMessage(message);
    this.#sentCount += 1;
    const sent = except === undefined ? frozen : { ...frozen, [EXCEPT_KEY]: except };
    const settings = this.#historyOf?.(group);
    if (settings !== undefined) return await this.#publishWithHistory(group, settings, sent);
    await this.#publish(this.#groupTopic(group), sent, { channel: "", group });
    return undefined;
  }

  /** Events that `accept` refuses are left out. */
  async groupHistory(group: string, options: GroupHistoryOptions = {}): Promise<GroupHistory> {
    this.#assertOpen("groupHistory");
    checkGroupName(group);
    checkHistoryOptions(options);
    const settings = this.#historyOf?.(group);
    if (this.#history === undefined || settings === undefined) return historyGap("disabled");
    const isAccepted = (message: LayerMessage) => this.#isAccepted(message, { group });
    try {
      return await this.#history.read(this.#addressOf(group, settings), options, isAccepted);
    } catch (error) {
      throw disconnectedError(error);
    }
  }

  /**
   * Sends to the members in this process only, without the server: for events that every process learns of by itself,
   * and while the server is unavailable. There is no order between these messages and those from the server.
   */
  async groupSendLocal(group: string, message: LayerMessage, options: GroupSendOptions = {}): Promise<void> {
    this.#assertOpen("groupSendLocal");
    checkGroupName(group);
    const except = exceptOf(options);
    const frozen = freezeSentMessage(message);
    this.#sentCount += 1;
    await this.#local.deliverToGroup(group, new SharedDelivery(frozen), except);
  }

  async subscribe(channel: string, receiver: Receiver): Promise<Subscription> {
    this.#assertOpen("subscribe");
    checkChannelName(channel);
    this.#endedChannels.delete(channel);
    const subscription = await this.#local.subscribe(channel, receiver, () => this.#unsubscribeFrom(channel));
    try {
      await this.#subscribeTo(channel);
    } catch (error) {
      await subscription.unsubscribe();
      throw disconnectedError(error);
    }
    return subscription;
  }

  async receive(channel: string, options: { readonly signal?: AbortSignal } = {}): Promise<LayerMessage> {
    this.#assertOpen("receive");
    checkChannelName(channel);
    this.#endedChannels.delete(channel);
    const refusal = new AbortController();
    const { signal } = options;
    const stop = signal === undefined ? refusal.signal : AbortSignal.any([signal, refusal.signal]);
    const received = this.#local.receive(channel, stop);
    const subscribed = this.#subscribeTo(channel).catch((error: unknown) => {
      // A reader whose subscription failed must stop waiting, or it would swallow a later message.
      refusal.abort(disconnectedError(error));
    });
    await Promise.race([received, subscribed]);
    return await received;
  }

  localMembers(group?: string): readonly LocalMember[] {
    return this.#local.members(group);
  }

  onDrop(listener: (drop: Drop) => void): () => void {
    return this.#drops.addListener(listener);
  }

  /** Returns the state of this process, with counters since the layer was created. */
  stats(): LayerStats {
    return { ...this.#local.stats(), sent: this.#sentCount, dropped: this.#drops.counts(), gaps: this.#gapCount };
  }

  /**
   * Empties the mailboxes and groups of this process, and the histories, which are all that is on the server.
   * @throws LayerDisconnected when there are histories that cannot be reached.
   */
  async flush(): Promise<void> {
    this.#local.flush();
    await this.#deleteHistories();
    // Named channels read with `receive` stay subscribed between two reads; those with a listener must stay so.
    for (const channel of [...this.#namedChannels])
      if (!this.#local.hasReceiver(channel)) this.#unsubscribeFrom(channel);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Connections close first: closing them ends the subscriptions that the local channels would otherwise end one by one.
    const closing = this.#connections.map((connection) => connection.close());
    this.#local.close();
    this.#drops.close();
    await Promise.all(closing);
  }

  #assertOpen(operation: string): void {
    if (this.#isClosed) throw new ChannelsError("LayerClosed", { operation });
  }

  #groupTopic(group: string): string {
    return this.#groupPrefix + group;
  }

  #connectionOf(topic: string): PubSubConnection {
    const connection = this.#connections[hostIndex(topic, this.#connections.length)];
    if (connection === undefined) throw new RangeError(`no connection for ${topic}`);
    return connection;
  }

  #isOwn(channel: string): boolean {
    return channel.includes(this.#ownPart);
  }

  /** Own channels share one pattern per prefix, so that a channel costs the server nothing; named channels do not. */
  async #subscribeTo(channel: string): Promise<void> {
    if (this.#isOwn(channel)) await this.#subscribeToOwn(channel);
    else {
      this.#namedChannels.add(channel);
      await this.#connectionOf(channel).subscribe(channel);
    }
  }

  #unsubscribeFrom(channel: string): void {
    if (this.#isOwn(channel)) {
      this.#endedChannels.add(channel);
      return;
    }
    this.#namedChannels.delete(channel);
    this.#connectionOf(channel).unsubscribe(channel);
  }

  async #subscribeToOwn(channel: string): Promise<void> {
    const prefix = channel.slice(0, channel.indexOf("!") + 1);
    let confirmation = this.#ownPrefixes.get(prefix);
    if (confirmation === undefined) {
      // Senders hash the whole name, so a channel of this process may live on any of the servers.
      confirmation = Promise.all(this.#connections.map((connection) => connection.subscribePrefix(prefix)));
      this.#ownPrefixes.set(prefix, confirmation);
      // The next caller tries again: the server may be there by then.
      confirmation.catch(() => this.#ownPrefixes.delete(prefix));
    }
    await confirmation;
  }

  async #publish(topic: string, message: LayerMessage, target: { channel: string; group?: string }): Promise<void> {
    const bytes = this.#codec.encode(message);
    try {
      await this.#connectionOf(topic).publish(topic, bytes);
    } catch (error) {
      this.#drops.report({ ...target, reason: "disconnected", type: message.type });
      throw disconnectedError(error);
    }
  }

  async #publishWithHistory(group: string, settings: HistorySettings, message: LayerMessage): Promise<GroupPosition> {
    const bytes = this.#codec.encode(message);
    try {
      if (this.#history === undefined) throw new Error("Expected a layer with histories.");
      return await this.#history.publish(this.#addressOf(group, settings), bytes);
    } catch (error) {
      this.#drops.report({ channel: "", group, reason: "disconnected", type: message.type });
      throw disconnectedError(error);
    }
  }

  #addressOf(group: string, settings: HistorySettings): GroupAddress {
    const topic = this.#groupTopic(group);
    return { group, topic, connection: this.#connectionOf(topic), settings };
  }

  async #subscribeToGroup(group: string, topic: string): Promise<void> {
    const connection = this.#connectionOf(topic);
    if (this.#history === undefined || this.#historyOf?.(group) === undefined) return await connection.subscribe(topic);
    // The positions first, so that no event with one arrives without it.
    await Promise.all([connection.subscribe(this.#history.positionTopic(topic)), connection.subscribe(topic)]);
  }

  async #deleteHistories(): Promise<void> {
    if (this.#history === undefined) return;
    const { keyPattern } = this.#history;
    try {
      await Promise.all(this.#connections.map((connection) => connection.deleteKeys(keyPattern)));
    } catch (error) {
      throw disconnectedError(error);
    }
  }

  #receiveFromServer(topic: string, bytes: Buffer): void {
    if (this.#history?.receivePosition(topic, bytes) === true) return;
    const decoded = this.#codec.decode(bytes);
    if (decoded === undefined) {
      this.#onError(new UnreadableMessageError(), topic);
      return;
    }
    if (topic.endsWith("!")) {
      this.#deliverToOwnChannel(decoded);
      return;
    }
    // A message in flight when its listener ended, or the layer was flushed, must not recreate a mailbox.
    const group = topic.startsWith(this.#groupPrefix) ? topic.slice(this.#groupPrefix.length) : undefined;
    const isWanted =
      group === undefined && this.#isOwn(topic)
        ? !this.#endedChannels.has(topic)
        : this.#connectionOf(topic).isSubscribed(topic);
    if (!isWanted) return;
    const { message, except } = takeException(decoded);
    if (!this.#isAccepted(message, group === undefined ? { channel: topic } : { group })) return;
    const position = group === undefined ? undefined : this.#history?.takePosition(group, bytes);
    const delivery = new SharedDelivery(message, position);
    const posting =
      group === undefined
        ? this.#local.deliverToAll([topic], delivery)
        : this.#local.deliverToGroup(group, delivery, except);
    // Only a message posted during another delivery is delivered later, and it reports its own drops.
    if (posting !== undefined) posting.catch(() => undefined);
  }

  #deliverToOwnChannel(message: LayerMessage): void {
    const { [CHANNEL_KEY]: channel, ...rest } = message;
    if (typeof channel !== "string" || !this.#isOwn(channel) || this.#endedChannels.has(channel)) return;
    const frozen = freezeMessage(rest);
    if (this.#isAccepted(frozen, { channel })) void this.#local.deliverToAll([channel], new SharedDelivery(frozen));
  }

  #isAccepted(message: LayerMessage, target: MessageTarget): boolean {
    if (this.#accept === undefined) return true;
    try {
      return this.#accept(message, target);
    } catch (error) {
      this.#onError(error, "group" in target ? target.group : target.channel);
      return false;
    }
  }
}
