import {
  type ChannelLayer,
  ChannelNamer,
  ChannelsError,
  checkChannelName,
  checkGroupName,
  type Drop,
  DropReports,
  freezeMessage,
  type LayerGap,
  type LayerMessage,
  type LayerStats,
  LocalChannels,
  type Receiver,
  type ResolvedLayerOptions,
  resolveLayerOptions,
  SharedDelivery,
  type Subscription,
  wholeOption,
} from "@multichat/channels/layer";
import { type Codec, makeCodec } from "./codec.ts";
import { hostIndex } from "./consistent-hash.ts";
import { EndedChannels } from "./ended-channels.ts";
import { type QueuedMessage, QueueLink } from "./queue-link.ts";
import { flushScript, groupSendScript, membersScript, sendScript } from "./queue-scripts.ts";
import { type RedisLayerOptions, resolveRedisOptions } from "./redis-layer-options.ts";
import { RedisScript } from "./redis-script.ts";

export interface RedisQueueOptions extends RedisLayerOptions {
  /**
   * Messages that may wait on the server for one process: all of its own channels share one queue there. Each channel's
   * own `capacity` holds behind it, in the process.
   * @default 10_000
   */
  readonly inboxCapacity?: number;
}

const send = new RedisScript(sendScript);
const groupSend = new RedisScript(groupSendScript);
const members = new RedisScript(membersScript);
const flush = new RedisScript(flushScript);

/** Where the full name of a process's channel travels when the message lies in the process's queue. */
const channelKey = "__asgi_channel__";

/**
 * A layer on queues in Redis: keys, scores and payloads are those of channels_redis' `RedisChannelLayer`. Messages wait
 * on the server until they are read or expire, so a reader that is away for a moment, or a server that goes and comes
 * back with its data, loses none. Dearer than pub/sub: a group's message is written once for each process of the group.
 */
export class RedisQueueLayer implements ChannelLayer {
  readonly #options: ResolvedLayerOptions;
  readonly #prefix: string;
  readonly #inboxCapacity: number;
  readonly #codec: Codec;
  readonly #drops: DropReports;
  readonly #local: LocalChannels;
  readonly #links: readonly QueueLink[];
  readonly #namer = new ChannelNamer();
  readonly #ended = new EndedChannels();
  /** Memberships that are being taken away on the server: an end has ended when they are. */
  readonly #leaving = new Set<Promise<void>>();
  /** Where each named channel stands in its round over the servers; both sides go round, as in Python. */
  #turn = 0;
  #lastScore = 0;
  #sent = 0;
  #gaps = 0;
  #closed = false;

  /** Begins to connect. @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: RedisQueueOptions = {}) {
    const redis = resolveRedisOptions(options);
    this.#options = resolveLayerOptions(options);
    this.#prefix = redis.prefix;
    this.#inboxCapacity = wholeOption("inboxCapacity", options.inboxCapacity ?? 10_000, 1, 1_000_000);
    this.#codec = makeCodec({
      serializer: redis.serializer,
      symmetricEncryptionKeys: redis.symmetricEncryptionKeys,
      uniquePrefix: true,
      maxAgeSeconds: this.#options.expiryMs / 1_000 + 10,
    });
    this.#drops = new DropReports(this.#options.onError);
    this.#local = new LocalChannels(this.#options, this.#drops, {
      memberLeft: (group, channel) => this.#leave(group, channel),
    });
    this.#links = redis.hosts.map(
      (host, index) =>
        new QueueLink(
          host,
          {
            message: (message) => this.#arrived(index, message),
            restored: (gap) => this.#restored(index, gap),
          },
          redis.timing,
          [send, groupSend, members, flush],
        ),
    );
  }

  /** Resolves when every server has answered; rejects with what is wrong. Other calls wait for it by themselves. */
  async ready(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.ready()));
  }

  newChannel(prefix?: string): string {
    const name = this.#namer.next(prefix);
    this.#wantOwn(name);
    return name;
  }

  async send(channel: string, message: LayerMessage): Promise<void> {
    this.#assertOpen("send");
    checkChannelName(channel);
    const frozen = freezeMessage(message);
    this.#sent += 1;
    // A channel of this very process needs no way over the server, and its bound can be told to the sender (L6).
    if (this.#isOwn(channel)) {
      await this.#local.post(channel, new SharedDelivery(frozen));
      return;
    }
    const place = placeOf(channel);
    const capacity = place === channel ? this.#options.capacityOf(channel) : this.#inboxCapacity;
    const body = place === channel ? frozen : { ...frozen, [channelKey]: channel };
    const link = place === channel ? this.#nextLink() : this.#linkOf(place);
    const [added] = (await this.#atServer(link, { channel }, message.type, () =>
      send.run(
        link.speaker,
        [this.#prefix + place],
        [this.#expiredBefore(), capacity, this.#codec.encode(body), this.#score(), this.#expirySeconds()],
      ),
    )) as [number, number];
    if (added === 1) return;
    this.#drops.report({ channel, reason: "capacity", type: message.type });
    throw new ChannelsError("ChannelFull", { channel, capacity });
  }

  async groupAdd(group: string, channel: string): Promise<void> {
    this.#assertOpen("groupAdd");
    checkGroupName(group);
    checkChannelName(channel);
    // Known here as well, so that the membership ends with the channel's listener and is restored with the server.
    if (this.#isOwn(channel) || !channel.includes("!")) {
      this.#ended.delete(channel);
      this.#local.add(group, channel);
    }
    const link = this.#linkOf(group);
    await this.#atServer(link, { channel, group }, "groupAdd", () => this.#write(link, group, [channel]));
  }

  /** Also after `close`: what ends late finds nothing left to end. */
  async groupDiscard(group: string, channel: string): Promise<void> {
    checkGroupName(group);
    checkChannelName(channel);
    if (this.#closed) return;
    this.#local.discard(group, channel);
    // Also where this process knew of no membership: another one may have written it.
    await this.#forget(group, channel);
  }

  async groupSend(group: string, message: LayerMessage): Promise<void> {
    this.#assertOpen("groupSend");
    checkGroupName(group);
    const frozen = freezeMessage(message);
    this.#sent += 1;
    const link = this.#linkOf(group);
    const target = { channel: "", group };
    const found = (await this.#atServer(link, target, message.type, () =>
      members.run(
        link.speaker,
        [this.#groupKey(group)],
        [seconds(this.#options.clock.now() - this.#options.groupExpiryMs)],
      ),
    )) as Buffer[];
    this.#local.expire(group);
    const places = byPlace(found);
    if (places.size === 0) return;
    // One score for all, taken when the send began: the order of sending is the order at every member (L4).
    const score = this.#score();
    const perLink = new Map<QueueLink, [place: string, channels: string[]][]>();
    for (const entry of places) {
      const at = this.#linkOf(entry[0]);
      const list = perLink.get(at);
      if (list === undefined) perLink.set(at, [entry]);
      else list.push(entry);
    }
    await Promise.all([...perLink].map(([at, entries]) => this.#sendTo(at, entries, frozen, score, group)));
  }

  async subscribe(channel: string, receiver: Receiver): Promise<Subscription> {
    this.#assertOpen("subscribe");
    checkChannelName(channel);
    this.#ended.delete(channel);
    const subscription = await this.#local.subscribe(channel, receiver, () => this.#end(channel));
    this.#want(channel);
    return subscription;
  }

  async receive(channel: string, options: { readonly signal?: AbortSignal } = {}): Promise<LayerMessage> {
    this.#assertOpen("receive");
    checkChannelName(channel);
    this.#ended.delete(channel);
    const received = this.#local.receive(channel, options.signal);
    this.#want(channel);
    try {
      return await received;
    } finally {
      this.#unwant(channel);
    }
  }

  onDrop(listener: (drop: Drop) => void): () => void {
    return this.#drops.listen(listener);
  }

  /** What is there in this process now; the counts are this process's, since the layer was made. */
  stats(): LayerStats {
    return { ...this.#local.stats(), sent: this.#sent, dropped: this.#drops.counts(), gaps: this.#gaps };
  }

  /** Everything under this layer's prefix, on every server. */
  async flush(): Promise<void> {
    this.#local.flush();
    const pattern = `${this.#prefix.replace(/[*?[\]\\]/g, "\\$&")}*`;
    for (const link of this.#links) {
      await link.ready();
      let cursor = "0";
      do {
        cursor = String(await flush.run(link.speaker, [], [pattern, cursor]));
      } while (cursor !== "0");
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    // While the links still work: what is left of this process's memberships goes with it.
    await Promise.all(
      [...this.#local.memberships()].flatMap(([group, channels]) =>
        channels.map((channel) => this.#forget(group, channel)),
      ),
    );
    this.#closed = true;
    this.#local.close();
    this.#drops.close();
    await Promise.all(this.#links.map((link) => link.close()));
  }

  #assertOpen(operation: string): void {
    if (this.#closed) throw new ChannelsError("LayerClosed", { operation });
  }

  #isOwn(channel: string): boolean {
    return channel.includes(`.${this.#namer.process}!`);
  }

  #linkOf(name: string): QueueLink {
    return this.#linkAt(hostIndex(name, this.#links.length));
  }

  #nextLink(): QueueLink {
    this.#turn = (this.#turn + 1) % this.#links.length;
    return this.#linkAt(this.#turn);
  }

  #linkAt(index: number): QueueLink {
    const link = this.#links[index];
    if (link === undefined) throw new RangeError(`no server ${index}`);
    return link;
  }

  #groupKey(group: string): string {
    return `${this.#prefix}:group:${group}`;
  }

  /** Own channels: their process's queue, on every server, because Python hashes the full name when it sends to one. */
  #wantOwn(channel: string): void {
    for (const link of this.#links) link.want(this.#prefix + placeOf(channel), "batch");
  }

  #want(channel: string): void {
    if (this.#isOwn(channel)) this.#wantOwn(channel);
    else if (this.#local.wants(channel)) for (const link of this.#links) link.want(this.#prefix + channel, "one");
  }

  async #end(channel: string): Promise<void> {
    if (this.#isOwn(channel)) this.#ended.add(channel);
    else this.#unwant(channel);
    await Promise.all(this.#leaving);
  }

  #leave(group: string, channel: string): void {
    const leaving = this.#forget(group, channel).finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  #unwant(channel: string): void {
    if (this.#isOwn(channel) || this.#local.wants(channel)) return;
    for (const link of this.#links) link.unwant(this.#prefix + channel);
  }

  /** Seconds since the epoch as the other side writes them, never twice the same, so that the order of sending stays. */
  #score(): string {
    this.#lastScore = Math.max(this.#options.clock.now() / 1_000, this.#lastScore + 0.000_002);
    return this.#lastScore.toFixed(6);
  }

  #expirySeconds(): number {
    return Math.max(1, Math.ceil(this.#options.expiryMs / 1_000));
  }

  #expiredBefore(): string {
    return seconds(this.#options.clock.now() - this.#options.expiryMs);
  }

  async #sendTo(
    link: QueueLink,
    entries: readonly (readonly [place: string, channels: readonly string[]])[],
    message: LayerMessage,
    score: string,
    group: string,
  ): Promise<void> {
    const values: (string | number | Buffer)[] = [this.#expiredBefore(), score, this.#expirySeconds()];
    for (const [place, channels] of entries) {
      const named = place === channels[0];
      values.push(named ? this.#options.capacityOf(place) : this.#inboxCapacity);
      values.push(this.#codec.encode({ ...message, [channelKey]: channels }));
    }
    const keys = entries.map(([place]) => this.#prefix + place);
    const full = (await this.#atServer(link, { channel: "", group }, message.type, () =>
      groupSend.run(link.speaker, keys, values),
    )) as number[];
    for (const index of full) {
      for (const channel of entries[index - 1]?.[1] ?? []) {
        this.#drops.report({ channel, group, reason: "capacity", type: message.type });
      }
    }
  }

  async #write(link: QueueLink, group: string, channels: readonly string[]): Promise<void> {
    const key = this.#groupKey(group);
    const now = seconds(this.#options.clock.now());
    await link.speaker
      .multi()
      .zadd(key, ...channels.flatMap((channel) => [now, channel]))
      .pexpire(key, this.#options.groupExpiryMs)
      .exec();
  }

  /** Takes a membership away; one that could not be taken away ends with the group's expiry. */
  async #forget(group: string, channel: string): Promise<void> {
    try {
      const link = this.#linkOf(group);
      await link.ready();
      await link.speaker.zrem(this.#groupKey(group), channel);
    } catch {
      // The server is away: when it is back, only what is still a member is written again.
    }
  }

  /** After the server was away it may have lost everything: the memberships of this process are written again. */
  async #restored(index: number, gap: LayerGap): Promise<void> {
    const link = this.#linkAt(index);
    for (const [group, channels] of this.#local.memberships()) {
      if (this.#linkOf(group) === link) await this.#write(link, group, channels);
    }
    this.#gaps += 1;
    this.#local.tellGap(gap);
  }

  async #atServer<T>(
    link: QueueLink,
    target: { channel: string; group?: string },
    type: string,
    command: () => Promise<T>,
  ): Promise<T> {
    try {
      await link.ready();
      return await command();
    } catch (error) {
      this.#drops.report({ ...target, reason: "disconnected", type });
      throw new ChannelsError("LayerDisconnected", { reason: error instanceof Error ? error.message : String(error) });
    }
  }

  #arrived(index: number, { key, bytes, score }: QueuedMessage): boolean {
    const message = this.#codec.decode(bytes);
    const place = key.slice(this.#prefix.length);
    if (message === undefined) return this.#local.wants(place);
    const { [channelKey]: named, ...rest } = message;
    const addressed = channelsOf(named, place);
    const channels = addressed.filter((channel) => !this.#ended.has(channel));
    if (channels.length === 0) return this.#local.wants(place);
    const delivery = new SharedDelivery(named === undefined ? message : freezeMessage(rest));
    if (score * 1_000 + this.#options.expiryMs <= this.#options.clock.now()) {
      for (const channel of channels) this.#drops.report({ channel, reason: "expired", type: message.type });
      return this.#local.wants(place);
    }
    const shared = channels.filter((channel) => !this.#isOwn(channel) && !this.#local.wants(channel));
    if (shared.length > 0) {
      // Whoever waited has gone in the meantime; the message belongs to whichever process asks next.
      void this.#linkAt(index)
        .speaker.zadd(key, score, bytes)
        .catch(() => undefined);
      return false;
    }
    void this.#local.postToAll(channels, delivery);
    return this.#local.wants(place);
  }
}

/** Where a channel's messages lie: a process's channels share one queue, named up to the `!`. */
function placeOf(channel: string): string {
  const local = channel.indexOf("!");
  return local === -1 ? channel : channel.slice(0, local + 1);
}

function byPlace(found: readonly Buffer[]): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const bytes of found) {
    const channel = bytes.toString();
    const place = placeOf(channel);
    const there = places.get(place);
    if (there === undefined) places.set(place, [channel]);
    else there.push(channel);
  }
  return places;
}

function channelsOf(named: unknown, place: string): readonly string[] {
  if (typeof named === "string") return [named];
  if (Array.isArray(named)) return named.filter((channel) => typeof channel === "string");
  return [place];
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(6);
}
