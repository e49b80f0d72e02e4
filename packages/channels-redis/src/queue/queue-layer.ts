import {
  type CapacityRule,
  type ChannelLayer,
  ChannelNameGenerator,
  ChannelsError,
  checkChannelName,
  checkGroupName,
  compileCapacityRules,
  type Drop,
  DropReporter,
  freezeMessage,
  type LayerMessage,
  type LayerStats,
  type LayerValue,
  LocalChannels,
  MAX_DELAY_MS,
  type Receiver,
  type ResolvedLayerOptions,
  requireInteger,
  resolveLayerOptions,
  SharedDelivery,
  type Subscription,
} from "@multichat/channels/layer";
import { type Codec, makeCodec } from "../codec/codec.ts";
import type { ConnectionTiming } from "../connection/heartbeat.ts";
import type { RedisHost } from "../connection/redis-host.ts";
import { RedisScript } from "../connection/redis-script.ts";
import { hostIndex } from "../consistent-hash.ts";
import { EndedChannels } from "../ended-channels.ts";
import { disconnectedError, unreadableMessageError } from "../layer-errors.ts";
import { type RedisLayerOptions, resolveRedisOptions } from "../redis-layer-options.ts";
import type { ClaimedMessage } from "../work/work-channel.ts";
import { resolveWorkOptions, type WorkOptions } from "../work/work-options.ts";
import { type DeadLetter, WORK_SCRIPTS, WorkQueue } from "../work/work-queue.ts";
import { QueueConnection, type QueuedMessage } from "./queue-connection.ts";
import { groupAddCommand, membersCommand, QueueGroups } from "./queue-groups.ts";
import { groupByQueue, queueOf, recipientsOf, toSeconds } from "./queue-keys.ts";
import { flushScript, groupSendScript, putBackScript, sendScript } from "./queue-scripts.ts";

export interface RedisQueueOptions extends RedisLayerOptions {
  /**
   * Messages that may wait on the server for one process: all of its own channels share one queue there. Each channel's
   * own `capacity` holds behind it, in the process.
   * @default 10_000
   */
  readonly inboxCapacity?: number;
  /**
   * Expiries by channel name, where it is not `expiryMs`; the first rule that matches counts. For channels of work that
   * may lie longer than talk: it is the sender that must know. Python senders apply their own.
   * @default []
   */
  readonly channelExpiry?: readonly ExpiryRule[];
  /** How messages that a worker acknowledges are handed out. */
  readonly work?: WorkOptions;
}

/** An expiry for the channels that a pattern matches. */
export interface ExpiryRule {
  /** A name, a beginning followed by `*`, or a regular expression, as in `channelCapacity`. */
  readonly channel: string | RegExp;
  /** Milliseconds, at least 1. */
  readonly expiryMs: number;
}

const send = new RedisScript(sendScript);
const groupSend = new RedisScript(groupSendScript);
const putBack = new RedisScript(putBackScript);
const flush = new RedisScript(flushScript);
const scripts = [send, groupSend, putBack, groupAddCommand, membersCommand, flush, ...WORK_SCRIPTS];

/** Milliseconds that `close` spends on saying good-bye to a server. */
const CLOSE_TIMEOUT_MS = 1_000;

/** Where the full name of a process's channel travels when the message lies in the process's queue. */
const CHANNEL_KEY = "__asgi_channel__";

/**
 * A layer on queues in Redis: keys, scores and payloads are those of channels_redis' `RedisChannelLayer`. Messages wait
 * on the server until they are read or expire, so a reader that is away for a moment, or a server that goes and comes
 * back with its data, loses none. Dearer than pub/sub: a group's message is written once for each process of the group.
 */
export class RedisQueueLayer implements ChannelLayer {
  readonly #options: ResolvedLayerOptions;
  readonly #prefix: string;
  readonly #inboxCapacity: number;
  readonly #expiryOf: (channel: string) => number;
  readonly #codec: Codec;
  readonly #drops: DropReporter;
  readonly #local: LocalChannels;
  readonly #links: readonly QueueConnection[];
  readonly #groups: QueueGroups;
  readonly #work: WorkQueue;
  readonly #namer = new ChannelNameGenerator();
  readonly #ended = new EndedChannels();
  /** The queues of this process's own channels. */
  readonly #inboxes = new Set<string>();
  /** Named channels go round the servers, on both sides, as in Python. */
  #turn = 0;
  #lastScore = 0;
  #sent = 0;
  #gaps = 0;
  #closed = false;

  /** Begins to connect. @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: RedisQueueOptions = {}) {
    const redis = resolveRedisOptions(options);
    const work = resolveWorkOptions(options.work);
    this.#options = resolveLayerOptions(options);
    this.#prefix = redis.prefix;
    this.#inboxCapacity = requireInteger("inboxCapacity", options.inboxCapacity ?? 10_000, 1, 1_000_000);
    const expiries = expiryRules(options.channelExpiry ?? []);
    this.#expiryOf = compileCapacityRules(expiries, this.#options.expiryMs);
    const { serializer, symmetricEncryptionKeys } = redis;
    const longestMs = Math.max(this.#options.expiryMs, ...expiries.map(({ capacity }) => capacity));
    this.#codec = makeCodec({
      serializer,
      symmetricEncryptionKeys,
      uniquePrefix: true,
      maxAgeSeconds: longestMs / 1_000 + 10,
    });
    this.#drops = new DropReporter(this.#options.onError);
    this.#local = new LocalChannels(this.#options, this.#drops, {
      onMemberLeft: (group, channel) => this.#groups.startRemoving(group, channel),
    });
    this.#groups = new QueueGroups(this.#prefix, this.#options, this.#local, (group) => this.#linkOf(group));
    this.#links = redis.hosts.map((host) => this.#open(host, redis.timing));
    this.#work = new WorkQueue(
      {
        connections: this.#links,
        clock: this.#options.clock,
        options: work,
        // What waits for another try may be older than any message on its way.
        codec: makeCodec({ serializer, symmetricEncryptionKeys, uniquePrefix: true }),
        expiredBefore: (channel) => this.#expiredBefore(channel),
        keysOf: (channel) => this.#workKeys(channel),
        topicOf: (channel) => this.#workTopic(channel),
        onError: this.#options.onError,
      },
      redis.hosts,
      redis.timing,
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
      await this.#local.deliver(channel, new SharedDelivery(frozen));
      return;
    }
    const place = queueOf(channel);
    const named = place === channel;
    const capacity = named ? this.#options.capacityOf(channel) : this.#inboxCapacity;
    const bytes = this.#codec.encode(named ? frozen : { ...frozen, [CHANNEL_KEY]: channel });
    const link = named ? this.#nextLink() : this.#linkOf(place);
    // The third of a channel's keys is what waits for another try: it fills the channel as well.
    const keys = named ? [this.#prefix + place, this.#workKey(channel, "waiting")] : [this.#prefix + place];
    const topic = named ? [this.#workTopic(channel)] : [];
    const added = await this.#atServer(link, { channel }, message.type, () =>
      send.run(link.commands.corked, keys, [
        this.#expiredBefore(place),
        capacity,
        bytes,
        this.#score(),
        this.#expirySeconds(place),
        ...topic,
      ]),
    );
    if (added === 1) return;
    this.#drops.report({ channel, reason: "capacity", type: message.type });
    throw new ChannelsError("ChannelFull", { channel, capacity });
  }

  async groupAdd(group: string, channel: string): Promise<void> {
    this.#assertOpen("groupAdd");
    checkGroupName(group);
    checkChannelName(channel);
    const known = this.#isOwn(channel) || !channel.includes("!");
    if (known) this.#ended.delete(channel);
    await this.#groups.add(group, channel, known);
  }

  /** Also after `close`: what ends late finds nothing left to end. */
  async groupDiscard(group: string, channel: string): Promise<void> {
    checkGroupName(group);
    checkChannelName(channel);
    if (this.#closed) return;
    this.#local.removeMember(group, channel);
    // Also where this process knew of no membership: another one may have written it.
    await this.#groups.remove(group, channel);
  }

  async groupSend(group: string, message: LayerMessage): Promise<void> {
    this.#assertOpen("groupSend");
    checkGroupName(group);
    const frozen = freezeMessage(message);
    this.#sent += 1;
    const link = this.#linkOf(group);
    const target = { channel: "", group };
    const found = await this.#atServer(link, target, message.type, () => this.#groups.members(link, group));
    this.#local.expireMembers(group);
    const places = groupByQueue(found);
    if (places.size === 0) return;
    // One score for all: the order of sending is the order at every member (L4).
    const score = this.#score();
    const perLink = new Map<QueueConnection, [place: string, channels: string[]][]>();
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

  /**
   * The next message of a named channel, at least once: it is handed out again, here or in another process, unless it is
   * acknowledged, or its process gives signs of life (`work.visibilityMs`). One that had its tries becomes a dead letter.
   * Expiry counts until the first time that it is handed out.
   *
   * A channel has either such readers or a listener, not both: a listener takes messages for good.
   * @throws LayerDisconnected when there was no first connection in time; the signal's reason when it aborts.
   */
  async receiveAck(channel: string, options: { readonly signal?: AbortSignal } = {}): Promise<ClaimedMessage> {
    this.#assertOpen("receiveAck");
    if (channel.includes("!")) {
      throw new ChannelsError("InvalidOption", {
        option: "channel",
        expected: 'a named channel, without "!"',
        got: channel,
      });
    }
    return await this.#work.take(channel, options.signal);
  }

  /** Messages of a channel that were given up, the last first; at most `limit` (100). @throws LayerDisconnected. */
  async deadLetters(channel: string, limit = 100): Promise<readonly DeadLetter[]> {
    this.#assertOpen("deadLetters");
    return await this.#work.deadLetters(channel, requireInteger("limit", limit, 1, 1_000_000));
  }

  /** Hands dead letters out again, as if they were new. @returns how many there were. @throws LayerDisconnected. */
  async reviveDeadLetters(channel: string, ids: readonly string[]): Promise<number> {
    this.#assertOpen("reviveDeadLetters");
    return await this.#work.removeDeadLetters(channel, ids, "back");
  }

  /** Forgets dead letters. @returns how many there were. @throws LayerDisconnected. */
  async dropDeadLetters(channel: string, ids: readonly string[]): Promise<number> {
    this.#assertOpen("dropDeadLetters");
    return await this.#work.removeDeadLetters(channel, ids, "away");
  }

  onDrop(listener: (drop: Drop) => void): () => void {
    return this.#drops.addListener(listener);
  }

  /** What is there in this process now; the counts are this process's, since the layer was made. */
  stats(): LayerStats {
    return { ...this.#local.stats(), sent: this.#sent, dropped: this.#drops.counts(), gaps: this.#gaps };
  }

  /** Everything under this layer's prefix, on every server: also work, and what other processes have there. */
  async flush(): Promise<void> {
    this.#assertOpen("flush");
    this.#local.flush();
    this.#groups.clear();
    const pattern = `${this.#prefix.replace(/[*?[\]\\]/g, "\\$&")}*`;
    for (const link of this.#links) {
      try {
        await link.ready();
        let cursor = "0";
        do {
          cursor = String(await flush.run(link.commands.corked, [], [pattern, cursor]));
        } while (cursor !== "0");
      } catch (error) {
        throw disconnectedError(error);
      }
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const ending = this.#work.close(new ChannelsError("LayerClosed", { operation: "receiveAck" }));
    await Promise.all(this.#links.filter((link) => link.isReady).map((link) => this.#sayGoodbye(link)));
    this.#local.close();
    this.#drops.close();
    await Promise.all([ending, ...this.#links.map((link) => link.close())]);
  }

  #assertOpen(operation: string): void {
    if (this.#closed) throw new ChannelsError("LayerClosed", { operation });
  }

  #open(host: RedisHost, timing: ConnectionTiming): QueueConnection {
    const link: QueueConnection = new QueueConnection(
      host,
      {
        message: (message) => this.#arrived(link, message),
        restore: () => this.#groups.restore(link),
        hasBacklog: () => this.#groups.hasBacklog(link),
        flushBacklog: () => this.#groups.flushBacklog(link),
        gap: (gap) => {
          this.#gaps += 1;
          this.#local.notifyGap(gap);
        },
        failed: (error) => this.#options.onError(error, this.#prefix),
      },
      timing,
      scripts,
    );
    return link;
  }

  #isOwn(channel: string): boolean {
    return channel.includes(`.${this.#namer.processId}!`);
  }

  #linkOf(name: string): QueueConnection {
    return this.#linkAt(hostIndex(name, this.#links.length));
  }

  #nextLink(): QueueConnection {
    this.#turn = (this.#turn + 1) % this.#links.length;
    return this.#linkAt(this.#turn);
  }

  #linkAt(index: number): QueueConnection {
    const link = this.#links[index];
    if (link === undefined) throw new RangeError(`no server ${index}`);
    return link;
  }

  #workKey(channel: string, what: string): string {
    return `${this.#prefix}:work:${what}:${channel}`;
  }

  #workKeys(channel: string): readonly string[] {
    const kinds = ["claims", "waiting", "tries", "dead", "reasons"];
    return [this.#prefix + channel, ...kinds.map((kind) => this.#workKey(channel, kind))];
  }

  #workTopic(channel: string): string {
    return `${this.#prefix}:work:${channel}`;
  }

  /** Own channels: their process's queue, on every server, because Python hashes the full name when it sends to one. */
  #wantOwn(channel: string): void {
    const inbox = this.#prefix + queueOf(channel);
    this.#inboxes.add(inbox);
    for (const link of this.#links) link.startReading(inbox, "batch");
  }

  #want(channel: string): void {
    if (this.#isOwn(channel)) this.#wantOwn(channel);
    else if (this.#local.hasReceiver(channel))
      for (const link of this.#links) link.startReading(this.#prefix + channel, "one");
  }

  async #end(channel: string): Promise<void> {
    if (this.#isOwn(channel)) this.#ended.add(channel);
    else this.#unwant(channel);
    await this.#groups.removalsDone();
  }

  #unwant(channel: string): void {
    if (this.#isOwn(channel) || this.#local.hasReceiver(channel)) return;
    for (const link of this.#links) link.stopReading(this.#prefix + channel);
  }

  /** Memberships and queues of this process: nobody is there for them any more. */
  async #sayGoodbye(link: QueueConnection): Promise<void> {
    const said = Promise.all([this.#groups.removeAll(link), this.#dropInboxes(link)]);
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    // A server that has gone expires them by itself.
    await Promise.race([said.catch(() => undefined), enough]);
    clearTimeout(timer);
  }

  async #dropInboxes(link: QueueConnection): Promise<void> {
    if (this.#inboxes.size > 0) await link.commands.corked.del(...this.#inboxes);
  }

  /** Seconds since the epoch as the other side writes them, never twice the same, so that the order of sending stays. */
  #score(): string {
    this.#lastScore = Math.max(this.#options.clock.now() / 1_000, this.#lastScore + 0.000_002);
    return this.#lastScore.toFixed(6);
  }

  #expirySeconds(channel: string): number {
    return Math.max(1, Math.ceil(this.#expiryOf(channel) / 1_000));
  }

  #expiredBefore(channel: string): string {
    return toSeconds(this.#options.clock.now() - this.#expiryOf(channel));
  }

  async #sendTo(
    link: QueueConnection,
    entries: readonly (readonly [place: string, channels: readonly string[]])[],
    message: LayerMessage,
    score: string,
    group: string,
  ): Promise<void> {
    const values: (string | number | Buffer)[] = [score];
    for (const [place, channels] of entries) {
      const named = place === channels[0];
      values.push(this.#expiredBefore(place), this.#expirySeconds(place));
      values.push(named ? this.#options.capacityOf(place) : this.#inboxCapacity);
      values.push(named ? this.#workTopic(place) : "");
      values.push(this.#codec.encode({ ...message, [CHANNEL_KEY]: channels }));
    }
    const keys = entries.map(([place]) => this.#prefix + place);
    const full = (await this.#atServer(link, { channel: "", group }, message.type, () =>
      groupSend.run(link.commands.corked, keys, values),
    )) as number[];
    for (const index of full) {
      for (const channel of entries[index - 1]?.[1] ?? []) {
        this.#drops.report({ channel, group, reason: "capacity", type: message.type });
      }
    }
  }

  async #atServer<T>(
    link: QueueConnection,
    target: { channel: string; group?: string },
    type: string,
    command: () => Promise<T>,
  ): Promise<T> {
    try {
      await link.ready();
      return await command();
    } catch (error) {
      this.#drops.report({ ...target, reason: "disconnected", type });
      throw disconnectedError(error);
    }
  }

  /** @returns whether more of the channel is wanted. */
  #arrived(link: QueueConnection, { key, bytes, score }: QueuedMessage): boolean {
    const message = this.#codec.decode(bytes);
    const place = key.slice(this.#prefix.length);
    if (message === undefined) {
      this.#options.onError(unreadableMessageError(), place);
      return this.#local.hasReceiver(place);
    }
    const { [CHANNEL_KEY]: named, ...rest } = message;
    const channels = recipientsOf(named, place).filter((channel) => !this.#ended.has(channel));
    if (channels.length === 0) return this.#local.hasReceiver(place);
    if (score * 1_000 + this.#expiryOf(place) <= this.#options.clock.now()) {
      for (const channel of channels) this.#drops.report({ channel, reason: "expired", type: message.type });
      return this.#local.hasReceiver(place);
    }
    if (channels.some((channel) => !this.#isOwn(channel) && !this.#local.hasReceiver(channel))) {
      // Whoever waited has gone in the meantime; the message belongs to whichever process asks next.
      putBack.run(link.commands.corked, [key], [score, bytes, this.#expirySeconds(place)]).catch(() => {
        for (const channel of channels) this.#drops.report({ channel, reason: "disconnected", type: message.type });
      });
      return false;
    }
    const delivery = new SharedDelivery(named === undefined ? message : withoutKey(rest));
    const handed = this.#local.deliverToAll(channels, delivery);
    // Only a message that arrives from within a delivery is handed out later, and it reports its own drops.
    if (handed !== undefined) handed.catch(() => undefined);
    return this.#local.hasReceiver(place);
  }
}

/** What is left of a frozen message without one of its members. Its members are frozen; it is not, being a copy. */
function withoutKey(rest: { readonly [key: string]: LayerValue | undefined }): LayerMessage {
  // The message that it was taken from had a type, and the member that was taken out was another one.
  return Object.freeze(rest) as LayerMessage;
}

/** In the form of rules for capacities, whose patterns they share. */
function expiryRules(rules: readonly ExpiryRule[]): readonly CapacityRule[] {
  return rules.map(({ channel, expiryMs }, index) => ({
    channel,
    capacity: requireInteger(`channelExpiry[${index}].expiryMs`, expiryMs, 1, MAX_DELAY_MS),
  }));
}
