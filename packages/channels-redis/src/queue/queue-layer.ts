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
  type GroupHistory,
  type GroupHistoryOptions,
  type GroupPosition,
  type GroupProcesses,
  type GroupSendOptions,
  historyGap,
  type LayerMessage,
  type LayerStats,
  type LayerValue,
  LocalChannels,
  type LocalMember,
  type Receiver,
  type ResolvedLayerOptions,
  requireInteger,
  resolveLayerOptions,
  SharedDelivery,
  type Subscription,
} from "@multichat/channels/layer";
import { type Codec, type CodecOptions, makeCodec } from "../codec/codec.ts";
import type { ConnectionTiming } from "../connection/heartbeat.ts";
import type { RedisHost } from "../connection/redis-host.ts";
import { EndedChannels } from "../ended-channels.ts";
import { HistoryServer } from "../history/history-server.ts";
import { QUEUE_HISTORY_SCRIPTS, QueueHistory, readPosition } from "../history/queue-history.ts";
import { disconnectedError, UnreadableMessageError } from "../layer-errors.ts";
import { REDIS_OPTION_NAMES, resolveRedisOptions } from "../redis-layer-options.ts";
import { CHANNEL_KEY, freezeSentMessage, HISTORY_KEY } from "../sent-message.ts";
import type { ClaimedMessage } from "../work/claimed-message.ts";
import type { DeadLetter } from "../work/dead-letters.ts";
import { resolveWorkOptions } from "../work/work-options.ts";
import { WORK_SCRIPTS, WorkQueue } from "../work/work-queue.ts";
import { MessageExpiry } from "./message-expiry.ts";
import { QueueConnection, type QueuedMessage } from "./queue-connection.ts";
import { FLUSH_SCRIPTS, QueueConnections } from "./queue-connections.ts";
import { GROUP_SCRIPTS, QueueGroups } from "./queue-groups.ts";
import { QueueKeys, queueOf, recipientsOf } from "./queue-keys.ts";
import type { RedisQueueOptions } from "./queue-options.ts";
import { QueueSender, SENDER_SCRIPTS } from "./queue-sender.ts";

const SCRIPTS = [...SENDER_SCRIPTS, ...GROUP_SCRIPTS, ...FLUSH_SCRIPTS, ...WORK_SCRIPTS];

/** How long `close` may spend removing this process's state from a server. */
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * A layer on queues in Redis. Keys, scores and payloads are those of channels_redis' `RedisChannelLayer`. Messages wait on
 * the server until they are read or expire, so nothing is lost while a reader is disconnected for a moment, or a server restarts
 * with its data. It costs more than pub/sub: a group's message is written once for each process of the group.
 */
export class RedisQueueLayer implements ChannelLayer {
  readonly #options: ResolvedLayerOptions;
  readonly #prefix: string;
  readonly #keys: QueueKeys;
  readonly #expiry: MessageExpiry;
  readonly #codec: Codec;
  readonly #drops: DropReporter;
  readonly #local: LocalChannels;
  readonly #connections: QueueConnections;
  readonly #groups: QueueGroups;
  readonly #sender: QueueSender;
  /** Undefined where no group has a history. */
  readonly #history: QueueHistory | undefined;
  readonly #work: WorkQueue;
  readonly #namer = new ChannelNameGenerator();
  /**
   * Those whose own channels are in the group; named channels belong to no process. One that was killed is counted until its
   * memberships expire.
   */
  readonly groupProcesses: GroupProcesses = {
    count: async (group) => {
      const connection = this.#connections.of(group);
      await connection.ready();
      return await this.#groups.countProcesses(connection, group);
    },
    isOne: (group) => this.#local.members(group).some(({ channel }) => this.#isOwn(channel)),
  };
  readonly #endedChannels = new EndedChannels();
  /** The keys of this process's own queues. */
  readonly #inboxes = new Set<string>();
  /** Messages that were read for a channel without a receiver, on their way back to its queue. */
  readonly #puttingBack = new Set<Promise<void>>();
  #sentCount = 0;
  #gapCount = 0;
  #isClosed = false;

  /** Starts to connect. @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: RedisQueueOptions = {}) {
    checkOptions<RedisQueueOptions>(options, {
      ...REDIS_OPTION_NAMES,
      inboxCapacity: true,
      channelExpiry: true,
      maxGroupSends: true,
      work: true,
    });
    const redis = resolveRedisOptions(options);
    const work = resolveWorkOptions(options.work);
    const { serializer, symmetricEncryptionKeys, maxMessageBytes } = redis;
    this.#options = resolveLayerOptions(options);
    if (this.#options.historyOf !== undefined && redis.hosts.length > 1) {
      // Queues on another server could get the events in another order than that of their offsets.
      const expected = "a single server where groups have a history";
      throw new ChannelsError("InvalidOption", { option: "hosts", expected, got: redis.hosts.length });
    }
    this.#prefix = redis.prefix;
    this.#keys = new QueueKeys(redis.prefix);
    const inboxCapacity = requireInteger("inboxCapacity", options.inboxCapacity ?? 10_000, 1, 1_000_000);
    this.#expiry = new MessageExpiry(options.channelExpiry ?? [], this.#options.expiryMs, this.#options.clock);
    this.#codec = makeCodec({
      serializer,
      symmetricEncryptionKeys,
      uniquePrefix: true,
      maxMessageBytes,
      maxAgeSeconds: this.#expiry.maxMs / 1_000 + 10,
    });
    this.#drops = new DropReporter(this.#options.onError);
    this.#local = new LocalChannels(this.#options, this.#drops, {
      onMemberLeft: (group, channel) => this.#groups.startRemoving(group, channel),
      onMembersRenewed: (group) => this.#groups.startRenewing(group),
    });
    this.#groups = new QueueGroups(this.#keys, this.#options, this.#local, (group) => this.#connections.of(group));
    this.#connections = new QueueConnections(redis.hosts.map((host) => this.#connect(host, redis.timing)));
    this.#history = this.#makeHistory({ serializer, symmetricEncryptionKeys, maxMessageBytes });
    this.#sender = new QueueSender({
      connections: this.#connections,
      keys: this.#keys,
      codec: this.#codec,
      expiry: this.#expiry,
      options: this.#options,
      inboxCapacity,
      groups: this.#groups,
      local: this.#local,
      history: this.#history,
      drops: this.#drops,
      maxGroupSends: requireInteger("maxGroupSends", options.maxGroupSends ?? 1_000, 1, 1_000_000),
    });
    this.#work = new WorkQueue(
      {
        connections: this.#connections.all,
        keys: this.#keys,
        expiry: this.#expiry,
        clock: this.#options.clock,
        options: work,
        // No maximum age: a message that waits for a retry may be older than any message on its way to a reader.
        codec: makeCodec({ serializer, symmetricEncryptionKeys, uniquePrefix: true, maxMessageBytes }),
        onError: this.#options.onError,
      },
      redis.hosts,
      redis.timing,
    );
  }

  /** Resolves when every server has answered; rejects with the reason if one does not. Other calls wait for it anyway. */
  async ready(): Promise<void> {
    await Promise.all(this.#connections.all.map((connection) => connection.ready()));
  }

  newChannel(prefix?: string): string {
    const name = this.#namer.next(prefix);
    this.#readInbox(name);
    return name;
  }

  async send(channel: string, message: LayerMessage): Promise<void> {
    this.#assertOpen("send");
    checkChannelName(channel);
    const frozen = freezeSentMessage(message);
    this.#sentCount += 1;
    // A message to a channel of this process skips the server, so the sender learns when the channel is full (L6).
    if (this.#isOwn(channel)) await this.#local.deliver(channel, new SharedDelivery(frozen));
    else await this.#sender.send(channel, frozen);
  }

  async groupAdd(group: string, channel: string): Promise<void> {
    this.#assertOpen("groupAdd");
    checkGroupName(group);
    checkChannelName(channel);
    const isLocal = this.#isOwn(channel) || !channel.includes("!");
    if (isLocal) this.#endedChannels.delete(channel);
    await this.#groups.add(group, channel, { isLocal });
  }

  /** Allowed after `close`, where it does nothing: consumers may end later than their layer. */
  async groupDiscard(group: string, channel: string): Promise<void> {
    checkGroupName(group);
    checkChannelName(channel);
    if (this.#isClosed) return;
    this.#local.removeMember(group, channel);
    // Removed on the server even if unknown here: another process may have added the membership.
    await this.#groups.remove(group, channel);
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
    return await this.#sender.groupSend(group, frozen, except);
  }

  async groupHistory(group: string, options: GroupHistoryOptions = {}): Promise<GroupHistory> {
    this.#assertOpen("groupHistory");
    checkGroupName(group);
    checkHistoryOptions(options);
    const settings = this.#options.historyOf?.(group);
    if (this.#history === undefined || settings === undefined) return historyGap("disabled");
    try {
      await this.#connections.of(group).ready();
      return await this.#history.read(group, settings, options);
    } catch (error) {
      throw disconnectedError(error);
    }
  }

  async subscribe(channel: string, receiver: Receiver): Promise<Subscription> {
    this.#assertOpen("subscribe");
    checkChannelName(channel);
    this.#endedChannels.delete(channel);
    const subscription = await this.#local.subscribe(channel, receiver, () => this.#endChannel(channel));
    this.#startReading(channel);
    return subscription;
  }

  async receive(channel: string, options: { readonly signal?: AbortSignal } = {}): Promise<LayerMessage> {
    this.#assertOpen("receive");
    checkChannelName(channel);
    this.#endedChannels.delete(channel);
    const received = this.#local.receive(channel, options.signal);
    this.#startReading(channel);
    try {
      return await received;
    } finally {
      await this.#stopReading(channel);
    }
  }

  /**
   * Claims the next message of a named channel, delivered at least once: it is delivered again, here or in another
   * process, unless it is acknowledged or its process keeps renewing the claim (`work.visibilityMs`). After its last
   * attempt it becomes a dead letter. A message can expire only before it is first claimed.
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

  /** Returns a channel's dead letters, newest first; at most `limit` (100). @throws LayerDisconnected. */
  async deadLetters(channel: string, limit = 100): Promise<readonly DeadLetter[]> {
    this.#assertOpen("deadLetters");
    return await this.#work.deadLetters(channel, requireInteger("limit", limit, 1, 1_000_000));
  }

  /** Returns dead letters to their channel as if they were new. @returns how many existed. @throws LayerDisconnected. */
  async reviveDeadLetters(channel: string, ids: readonly string[]): Promise<number> {
    this.#assertOpen("reviveDeadLetters");
    return await this.#work.removeDeadLetters(channel, ids, { revive: true });
  }

  /** Deletes dead letters. @returns how many existed. @throws LayerDisconnected. */
  async dropDeadLetters(channel: string, ids: readonly string[]): Promise<number> {
    this.#assertOpen("dropDeadLetters");
    return await this.#work.removeDeadLetters(channel, ids, { revive: false });
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

  /** Deletes everything under this layer's prefix on every server, including work and the data of other processes. */
  async flush(): Promise<void> {
    this.#assertOpen("flush");
    this.#local.flush();
    this.#groups.clear();
    await this.#connections.deleteKeys(this.#keys.pattern);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const connections = this.#connections.all;
    const workClosed = this.#work.close(new ChannelsError("LayerClosed", { operation: "receiveAck" }));
    await Promise.all(connections.filter(({ isReady }) => isReady).map((connection) => this.#removeState(connection)));
    this.#local.close();
    this.#drops.close();
    await Promise.all([workClosed, ...connections.map((connection) => connection.close())]);
  }

  #assertOpen(operation: string): void {
    if (this.#isClosed) throw new ChannelsError("LayerClosed", { operation });
  }

  #makeHistory(codecOptions: Omit<CodecOptions, "uniquePrefix">): QueueHistory | undefined {
    const [connection] = this.#connections.all;
    if (this.#options.historyOf === undefined || connection === undefined) return undefined;
    return new QueueHistory({
      keys: this.#keys,
      codec: makeCodec({ ...codecOptions, uniquePrefix: false }),
      numberingTtlMs: this.#options.groupExpiryMs,
      server: new HistoryServer(connection.commands, QUEUE_HISTORY_SCRIPTS),
    });
  }

  #connect(host: RedisHost, timing: ConnectionTiming): QueueConnection {
    const connection: QueueConnection = new QueueConnection(
      host,
      {
        message: (message) => this.#receiveFromServer(connection, message),
        restore: () => this.#groups.restore(connection),
        hasBacklog: () => this.#groups.hasBacklog(connection),
        flushBacklog: () => this.#groups.flushBacklog(connection),
        gap: (gap) => {
          this.#gapCount += 1;
          this.#local.notifyGap(gap);
        },
        failed: (error) => this.#options.onError(error, this.#prefix),
      },
      timing,
      SCRIPTS,
    );
    return connection;
  }

  #isOwn(channel: string): boolean {
    return channel.includes(`.${this.#namer.processId}!`);
  }

  /** Reads the queue of this process on every server, because Python hashes the full channel name when it sends. */
  #readInbox(channel: string): void {
    const inbox = this.#keys.queue(queueOf(channel));
    this.#inboxes.add(inbox);
    for (const connection of this.#connections.all) connection.startReading(inbox, "batch");
  }

  #startReading(channel: string): void {
    if (this.#isOwn(channel)) {
      this.#readInbox(channel);
      return;
    }
    if (!this.#local.hasReceiver(channel)) return;
    for (const connection of this.#connections.all) connection.startReading(this.#keys.queue(channel), "single");
  }

  /** Resolves when messages of a named channel stay on the server, including one that had to be put back. */
  async #stopReading(channel: string): Promise<void> {
    if (this.#isOwn(channel) || this.#local.hasReceiver(channel)) return;
    const key = this.#keys.queue(channel);
    await Promise.all(this.#connections.all.map((connection) => connection.stopReading(key)));
    await Promise.all(this.#puttingBack);
  }

  async #endChannel(channel: string): Promise<void> {
    if (this.#isOwn(channel)) this.#endedChannels.add(channel);
    else await this.#stopReading(channel);
    await this.#groups.removalsDone();
  }

  /** Removes this process's memberships and queues, which nothing reads any more. */
  async #removeState(connection: QueueConnection): Promise<void> {
    const removed = Promise.all([this.#groups.removeAll(connection), this.#deleteInboxes(connection)]);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    // What a lost server keeps expires there.
    await Promise.race([removed.catch(() => undefined), timeout]);
    clearTimeout(timer);
  }

  async #deleteInboxes(connection: QueueConnection): Promise<void> {
    if (this.#inboxes.size > 0) await connection.commands.corked.del(...this.#inboxes);
  }

  /** @returns whether the channel has another reader waiting. */
  #receiveFromServer(connection: QueueConnection, queued: QueuedMessage): boolean {
    const message = this.#codec.decode(queued.bytes);
    const queue = this.#keys.queueName(queued.key);
    if (message === undefined) {
      this.#options.onError(new UnreadableMessageError(), queue);
      return this.#local.hasReceiver(queue);
    }
    const { [CHANNEL_KEY]: named, [HISTORY_KEY]: group, ...rest } = message;
    const channels = recipientsOf(named, queue).filter((channel) => !this.#endedChannels.has(channel));
    if (channels.length === 0) return this.#local.hasReceiver(queue);
    const drop = (reason: Drop["reason"]) => {
      for (const channel of channels) this.#drops.report({ channel, reason, type: message.type });
    };
    if (this.#expiry.isExpired(queue, queued.score)) {
      drop("expired");
      return this.#local.hasReceiver(queue);
    }
    if (channels.some((channel) => !this.#isOwn(channel) && !this.#local.hasReceiver(channel))) {
      const putBack = this.#sender.putBack(connection, queued).then(
        () => undefined,
        () => drop("disconnected"),
      );
      this.#puttingBack.add(putBack);
      void putBack.then(() => this.#puttingBack.delete(putBack));
      return false;
    }
    const position = typeof group === "string" ? readPosition(group, queued.bytes) : undefined;
    const isSent = named === undefined && group === undefined;
    const delivery = new SharedDelivery(isSent ? message : asMessage(rest), position);
    const posting = this.#local.deliverToAll(channels, delivery);
    // Only a message posted during another delivery is delivered later, and it reports its own drops.
    if (posting !== undefined) posting.catch(() => undefined);
    return this.#local.hasReceiver(queue);
  }
}

/** Freezes a copy of a frozen message from which keys of the wire format were removed. */
function asMessage(rest: { readonly [key: string]: LayerValue | undefined }): LayerMessage {
  // The cast holds: the original message had a type, and only keys of the wire format were removed.
  return Object.freeze(rest) as LayerMessage;
}
