import {
  type ChannelLayer,
  ChannelNameGenerator,
  ChannelsError,
  checkChannelName,
  checkGroupName,
  type Drop,
  DropReporter,
  freezeMessage,
  type LayerMessage,
  type LayerStats,
  LocalChannels,
  type Receiver,
  resolveLayerOptions,
  SharedDelivery,
  type Subscription,
} from "@multichat/channels/layer";
import { type Codec, makeCodec } from "../codec/codec.ts";
import { hostIndex } from "../consistent-hash.ts";
import { EndedChannels } from "../ended-channels.ts";
import { disconnectedError, unreadableMessageError } from "../layer-errors.ts";
import { type RedisLayerOptions, resolveRedisOptions } from "../redis-layer-options.ts";
import { ClusterConnection, type RedisCluster } from "./cluster-connection.ts";
import { type PubSubConnection, ServerConnection } from "./server-connection.ts";

/** Where channels_redis, too, writes the full name when a message travels under a shorter one. */
const CHANNEL_KEY = "__asgi_channel__";

export interface RedisPubSubOptions extends RedisLayerOptions {
  /** A Redis Cluster instead of `hosts`: sharded pub/sub (Redis 7). channels_redis has no such mode. */
  readonly cluster?: RedisCluster;
}

/**
 * A layer over Redis pub/sub: topics, names and payloads are those of channels_redis' `RedisPubSubChannelLayer`, so a
 * Django or FastAPI process and a Node process are members of the same groups.
 *
 * One subscription a group and process, however many members; an event is decoded once a process and handed to all its
 * members. Nothing is kept on the server: a message to a named channel that no process listens on is gone (L3 without
 * the waiting), and so is everything sent while the server is away, which `layerGap` tells (L11).
 */
export class RedisPubSubLayer implements ChannelLayer {
  readonly #prefix: string;
  readonly #codec: Codec;
  readonly #drops: DropReporter;
  readonly #local: LocalChannels;
  readonly #onError: (error: unknown, channel: string) => void;
  readonly #connections: readonly PubSubConnection[];
  readonly #endedChannels = new EndedChannels();
  /** Named channels that this process listens on. */
  readonly #namedChannels = new Set<string>();
  readonly #isCluster: boolean;
  readonly #namer = new ChannelNameGenerator();
  /** The beginnings of this process's own channel names that the links listen on. */
  readonly #ownPrefixes = new Map<string, Promise<unknown>>();
  #sentCount = 0;
  #gapCount = 0;
  #isClosed = false;

  /** Begins to connect. @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: RedisPubSubOptions = {}) {
    const redis = resolveRedisOptions(options);
    const layer = resolveLayerOptions(options);
    this.#prefix = redis.prefix;
    this.#codec = makeCodec({
      serializer: redis.serializer,
      symmetricEncryptionKeys: redis.symmetricEncryptionKeys,
      uniquePrefix: false,
    });
    this.#onError = layer.onError;
    this.#drops = new DropReporter(layer.onError);
    this.#local = new LocalChannels(layer, this.#drops, {
      onGroupClosed: (group) => {
        const topic = this.#groupTopic(group);
        this.#connectionOf(topic).unsubscribe(topic);
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
    this.#connections =
      options.cluster === undefined
        ? redis.hosts.map((host) => new ServerConnection(host, listener, redis.timing))
        : [new ClusterConnection(options.cluster, listener, redis.timing)];
  }

  /** Resolves when every server has answered; rejects with what is wrong. Other calls wait for it by themselves. */
  async ready(): Promise<void> {
    await Promise.all(this.#connections.map((link) => link.ready()));
  }

  newChannel(prefix?: string): string {
    const name = this.#namer.next(prefix);
    void this.#subscribeToOwn(name).catch(() => undefined);
    return name;
  }

  async send(channel: string, message: LayerMessage): Promise<void> {
    this.#assertOpen("send");
    checkChannelName(channel);
    const frozen = freezeMessage(message);
    this.#sentCount += 1;
    // A channel of this very process needs no way over the server, and its bound can be told to the sender (L6).
    if (this.#isOwn(channel)) {
      await this.#local.deliver(channel, new SharedDelivery(frozen));
      return;
    }
    // On a cluster one sharded topic a process carries all of its channels, so the message says which it is for.
    const local = this.#isCluster ? channel.indexOf("!") + 1 : 0;
    if (local > 0) await this.#publish(channel.slice(0, local), { ...frozen, [CHANNEL_KEY]: channel }, { channel });
    else await this.#publish(channel, frozen, { channel });
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
      await this.#connectionOf(topic).subscribe(topic);
    } catch (error) {
      // Who was told that it is no member must not become one when the server comes after all.
      this.#local.removeMember(group, channel);
      throw disconnectedError(error);
    }
  }

  /** Also after `close`: what ends late finds nothing left to end. */
  async groupDiscard(group: string, channel: string): Promise<void> {
    checkGroupName(group);
    checkChannelName(channel);
    this.#local.removeMember(group, channel);
  }

  async groupSend(group: string, message: LayerMessage): Promise<void> {
    this.#assertOpen("groupSend");
    checkGroupName(group);
    const frozen = freezeMessage(message);
    this.#sentCount += 1;
    await this.#publish(this.#groupTopic(group), frozen, { channel: "", group });
  }

  /**
   * To the members in this process alone, without the server: for what every process finds out by itself, and for as
   * long as the server is away. There is no order between this and what comes over the server.
   */
  async groupSendLocal(group: string, message: LayerMessage): Promise<void> {
    this.#assertOpen("groupSendLocal");
    checkGroupName(group);
    const frozen = freezeMessage(message);
    this.#sentCount += 1;
    await this.#local.deliverToGroup(group, new SharedDelivery(frozen));
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
    const given = new AbortController();
    const { signal } = options;
    const stop = signal === undefined ? given.signal : AbortSignal.any([signal, given.signal]);
    const received = this.#local.receive(channel, stop);
    const listening = this.#subscribeTo(channel).catch((error: unknown) => {
      // A reader that is refused must not wait on: it would take a message that nobody sees.
      given.abort(disconnectedError(error));
    });
    await Promise.race([received, listening]);
    return await received;
  }

  onDrop(listener: (drop: Drop) => void): () => void {
    return this.#drops.addListener(listener);
  }

  /** What is there in this process now; the counts are this process's, since the layer was made. */
  stats(): LayerStats {
    return { ...this.#local.stats(), sent: this.#sentCount, dropped: this.#drops.counts(), gaps: this.#gapCount };
  }

  /** Of this process: pub/sub keeps nothing on the server. */
  async flush(): Promise<void> {
    this.#local.flush();
    // Named channels that were read with `receive` stay subscribed between two reads; a listener keeps its own.
    for (const channel of [...this.#namedChannels])
      if (!this.#local.hasReceiver(channel)) this.#unsubscribeFrom(channel);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // The links first: what the end of everything local would have them unsubscribe goes with the connection.
    const closing = this.#connections.map((link) => link.close());
    this.#local.close();
    this.#drops.close();
    await Promise.all(closing);
  }

  #assertOpen(operation: string): void {
    if (this.#isClosed) throw new ChannelsError("LayerClosed", { operation });
  }

  #groupTopic(group: string): string {
    return `${this.#prefix}__group__${group}`;
  }

  #connectionOf(topic: string): PubSubConnection {
    const link = this.#connections[hostIndex(topic, this.#connections.length)];
    if (link === undefined) throw new RangeError(`no link for ${topic}`);
    return link;
  }

  #isOwn(channel: string): boolean {
    return channel.includes(`${this.#namer.processId}!`);
  }

  /** Own channels are heard by one pattern a prefix, so that a connection costs the server nothing; named ones by name. */
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
    const beginning = channel.slice(0, channel.indexOf("!") + 1);
    let heard = this.#ownPrefixes.get(beginning);
    if (heard === undefined) {
      // Senders hash the whole name, so a channel of this process may live on any of the servers.
      heard = Promise.all(this.#connections.map((link) => link.subscribePrefix(beginning)));
      this.#ownPrefixes.set(beginning, heard);
      // Who asks when the server is there after all is not given the old answer.
      heard.catch(() => this.#ownPrefixes.delete(beginning));
    }
    await heard;
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

  #receiveFromServer(topic: string, bytes: Buffer): void {
    const message = this.#codec.decode(bytes);
    if (message === undefined) {
      this.#onError(unreadableMessageError(), topic);
      return;
    }
    if (topic.endsWith("!")) {
      this.#deliverToOwnChannel(message);
      return;
    }
    const groups = `${this.#prefix}__group__`;
    // What was under way when its listener ended, or the layer was flushed, must not bring a mailbox back.
    const heard = this.#isOwn(topic) ? !this.#endedChannels.has(topic) : this.#connectionOf(topic).isSubscribed(topic);
    if (!heard) return;
    const delivery = new SharedDelivery(message);
    const handed = topic.startsWith(groups)
      ? this.#local.deliverToGroup(topic.slice(groups.length), delivery)
      : this.#local.deliverToAll([topic], delivery);
    // Only a message that arrives from within a delivery is handed out later, and it reports its own drops.
    if (handed !== undefined) handed.catch(() => undefined);
  }

  #deliverToOwnChannel(message: LayerMessage): void {
    const { [CHANNEL_KEY]: channel, ...rest } = message;
    if (typeof channel !== "string" || !this.#isOwn(channel) || this.#endedChannels.has(channel)) return;
    void this.#local.deliverToAll([channel], new SharedDelivery(freezeMessage(rest)));
  }
}
