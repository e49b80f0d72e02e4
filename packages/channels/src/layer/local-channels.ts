import { ChannelsError } from "../errors.ts";
import type {
  Delivery,
  DropReason,
  LayerGap,
  LayerMessage,
  LocalMember,
  Receiver,
  Subscription,
} from "./channel-layer.ts";
import type { ClockTimer } from "./clock.ts";
import type { DropReporter } from "./drop-reporter.ts";
import type { ResolvedLayerOptions } from "./layer-options.ts";
import { ENDED, LocalGroup, LocalMailbox, type Membership } from "./local-mailbox.ts";

/** Callbacks by which a layer keeps its subscriptions on a server in step with its local groups. */
export interface LocalChannelsHooks {
  /** A group got its first local member. */
  onGroupOpened?(group: string): void;
  /** A group lost its last local member. */
  onGroupClosed?(group: string): void;
  /** A channel left a group, was discarded from it, or its membership expired. */
  onMemberLeft?(group: string, channel: string): void;
  /** Memberships of channels with a listener were renewed: a server has to keep them, too. */
  onMembersRenewed?(group: string): void;
}

/** The share of `groupExpiryMs` after which a membership is renewed. A renewal that fails is followed by two more. */
const RENEWAL_SHARE = 1 / 4;

/**
 * The part of a layer that lives in this process: channels with their listeners and waiting messages, and groups with
 * their local members. The in-memory layer consists of it alone; a layer with a server passes the messages that it
 * receives on to it, so that order, capacity and expiry are implemented once.
 *
 * A delivery pass is synchronous. A delivery that is requested from within a receiver's `deliver` runs after the
 * current pass (L4).
 */
export class LocalChannels {
  /** The subscription of a receiver. There is one for every connection, and an object takes a third of what a closure does. */
  static readonly #Subscription = class implements Subscription {
    readonly channel: string;
    readonly #channels: LocalChannels;
    readonly #onEnd: (() => void | Promise<void>) | undefined;
    /** Undefined once the subscription has ended. */
    #mailbox: LocalMailbox | undefined;

    constructor(channels: LocalChannels, mailbox: LocalMailbox, onEnd: (() => void | Promise<void>) | undefined) {
      this.channel = mailbox.channel;
      this.#channels = channels;
      this.#onEnd = onEnd;
      this.#mailbox = mailbox;
    }

    async unsubscribe(): Promise<void> {
      const mailbox = this.#mailbox;
      if (mailbox === undefined) return;
      this.#mailbox = undefined;
      this.#channels.#unsubscribe(mailbox);
      await this.#onEnd?.();
    }
  };
  readonly #options: ResolvedLayerOptions;
  readonly #drops: DropReporter;
  readonly #hooks: LocalChannelsHooks;
  /** Times are kept as milliseconds since this one: small integers, which need no object of their own. */
  readonly #startedAt: number;
  readonly #mailboxes = new Map<string, LocalMailbox>();
  readonly #groups = new Map<string, LocalGroup>();
  /** Mailboxes with waiting messages, which the sweep checks for expired ones. */
  readonly #nonEmptyMailboxes = new Set<LocalMailbox>();
  /** Tasks that receivers started during a pass. Running them immediately would overtake that pass (L4). */
  readonly #afterPass: (() => void)[] = [];
  #isPassRunning = false;
  #sweepTimer: ClockTimer | undefined;
  #membershipCount = 0;
  #delivered = 0;
  #failed = 0;

  constructor(options: ResolvedLayerOptions, drops: DropReporter, hooks: LocalChannelsHooks = {}) {
    this.#options = options;
    this.#drops = drops;
    this.#hooks = hooks;
    this.#startedAt = options.clock.now();
  }

  /**
   * Delivers to one channel.
   * @throws ChannelFull when the channel or its listener is full; the drop has been reported.
   */
  deliver(channel: string, delivery: Delivery): void | Promise<void> {
    return this.#runAfterCurrentPass(() => {
      const mailbox = this.#getOrCreateMailbox(channel);
      if (this.#deliverOrQueue(mailbox, delivery, this.#now())) return;
      // Only the layer's own capacity is known here; a receiver may have a smaller one.
      throw new ChannelsError("ChannelFull", mailbox.receiver ? { channel } : { channel, capacity: mailbox.capacity });
    });
  }

  /** Delivers to several channels; full ones are skipped and reported. */
  deliverToAll(channels: readonly string[], delivery: Delivery, group?: string): void | Promise<void> {
    return this.#runAfterCurrentPass(() => {
      const now = this.#now();
      for (const channel of channels) this.#deliverOrQueue(this.#getOrCreateMailbox(channel), delivery, now, group);
    });
  }

  /** Delivers to every local member of the group. */
  deliverToGroup(group: string, delivery: Delivery, except?: string): void | Promise<void> {
    return this.#runAfterCurrentPass(() => this.#fanOut(group, delivery, except));
  }

  addMember(group: string, channel: string): void {
    const expiresAt = this.#now() + this.#options.groupExpiryMs;
    let localGroup = this.#groups.get(group);
    if (localGroup === undefined) {
      localGroup = new LocalGroup(group);
      this.#groups.set(group, localGroup);
      this.#hooks.onGroupOpened?.(group);
    }
    const mailbox = this.#getOrCreateMailbox(channel);
    const current = mailbox.findMembership(localGroup);
    if (current !== undefined) {
      current.expiresAt = expiresAt;
      return;
    }
    const membership: Membership = { group: localGroup, mailbox, expiresAt };
    localGroup.add(membership);
    mailbox.addMembership(membership);
    this.#membershipCount += 1;
    this.#scheduleSweep();
  }

  removeMember(group: string, channel: string): void {
    const localGroup = this.#groups.get(group);
    const membership = localGroup && this.#mailboxes.get(channel)?.findMembership(localGroup);
    if (membership !== undefined) this.#endMembership(membership);
  }

  /**
   * Makes `receiver` the channel's listener and delivers the waiting messages. `onEnd` runs when the subscription ends.
   * @throws ChannelTaken when the channel has a listener.
   */
  async subscribe(channel: string, receiver: Receiver, onEnd?: () => void | Promise<void>): Promise<Subscription> {
    const mailbox = this.#getOrCreateMailbox(channel);
    if (mailbox.receiver !== undefined || mailbox.hasPendingReceives) {
      throw new ChannelsError("ChannelTaken", { channel });
    }
    mailbox.receiver = receiver;
    await this.#runAfterCurrentPass(() => this.#deliverQueued(mailbox));
    return new LocalChannels.#Subscription(this, mailbox, onEnd);
  }

  /**
   * Waits for the channel's next message.
   * @throws ChannelTaken when the channel has a listener; the signal's reason when it aborts.
   */
  async receive(channel: string, signal?: AbortSignal): Promise<LayerMessage> {
    signal?.throwIfAborted();
    const mailbox = this.#getOrCreateMailbox(channel);
    if (mailbox.receiver !== undefined) throw new ChannelsError("ChannelTaken", { channel });
    this.#dropExpired(mailbox, this.#now());
    const waiting = mailbox.shift();
    if (waiting !== undefined) {
      this.#releaseIfIdle(mailbox);
      this.#delivered += 1;
      return waiting.copy();
    }
    return await new Promise<LayerMessage>((resolve, reject) => {
      const onAbort = () => {
        mailbox.removePendingReceive(pending);
        this.#releaseIfIdle(mailbox);
        reject(signal?.reason);
      };
      const pending = {
        resolve: (delivery: Delivery) => {
          signal?.removeEventListener("abort", onAbort);
          resolve(delivery.copy());
        },
        reject: (error: Error) => {
          signal?.removeEventListener("abort", onAbort);
          reject(error);
        },
      };
      mailbox.addPendingReceive(pending);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Ends the expired memberships of a group, for a layer that does not fan out through `deliverToGroup`. */
  expireMembers(group: string): void {
    const localGroup = this.#groups.get(group);
    if (localGroup === undefined) return;
    for (const membership of findExpiredMembers(localGroup, this.#now())) this.#endMembership(membership);
  }

  /** Yields every group that has local members, with their channels. */
  *memberships(): IterableIterator<readonly [group: string, channels: readonly string[]]> {
    for (const [name, group] of this.#groups) yield [name, group.snapshot().map(({ mailbox }) => mailbox.channel)];
  }

  /** Returns the local members of a group, or all channels with a listener. */
  members(group: string | undefined): readonly LocalMember[] {
    const now = this.#now();
    const mailboxes =
      group === undefined
        ? [...this.#mailboxes.values()].filter(({ receiver }) => receiver !== undefined)
        : (this.#groups.get(group)?.snapshot() ?? [])
            .filter((membership) => !hasExpired(membership, now))
            .map(({ mailbox }) => mailbox);
    return mailboxes.map(({ channel, receiver }) => ({ channel, control: receiver?.control }));
  }

  /** Returns the members of a group that have a listener. */
  listeningMembers(group: string): readonly string[] {
    const members = this.#groups.get(group)?.snapshot() ?? [];
    return members.filter(({ mailbox }) => mailbox.receiver !== undefined).map(({ mailbox }) => mailbox.channel);
  }

  /** Returns whether the channel has a listener or a pending `receive`, so that a message would not have to wait. */
  hasReceiver(channel: string): boolean {
    const mailbox = this.#mailboxes.get(channel);
    return mailbox !== undefined && (mailbox.receiver !== undefined || mailbox.hasPendingReceives);
  }

  /** Notifies every listener of this process once (L11). */
  notifyGap(gap: LayerGap): void {
    for (const mailbox of [...this.#mailboxes.values()]) {
      try {
        mailbox.receiver?.layerGap(gap);
      } catch (error) {
        this.#failed += 1;
        this.#options.onError(error, mailbox.channel);
      }
    }
  }

  stats(): { channels: number; groups: number; memberships: number; delivered: number; failed: number } {
    return {
      channels: this.#mailboxes.size,
      groups: this.#groups.size,
      memberships: this.#membershipCount,
      delivered: this.#delivered,
      failed: this.#failed,
    };
  }

  /** Removes queued messages and memberships. Listeners stay subscribed. */
  flush(): void {
    const groups = [...this.#groups.keys()];
    for (const group of this.#groups.values()) {
      for (const membership of group.snapshot()) membership.expiresAt = ENDED;
    }
    this.#groups.clear();
    this.#membershipCount = 0;
    this.#nonEmptyMailboxes.clear();
    for (const mailbox of [...this.#mailboxes.values()]) {
      mailbox.clearMemberships();
      mailbox.clear();
      this.#releaseIfIdle(mailbox);
    }
    this.#stopSweep();
    for (const group of groups) this.#hooks.onGroupClosed?.(group);
  }

  /** Does what `flush` does, ends all subscriptions and rejects pending receives. */
  close(): void {
    const pendingReceives = [...this.#mailboxes.values()].flatMap((mailbox) => mailbox.takePendingReceives());
    for (const mailbox of this.#mailboxes.values()) mailbox.receiver = undefined;
    this.flush();
    for (const pending of pendingReceives) pending.reject(new ChannelsError("LayerClosed", { operation: "receive" }));
  }

  #getOrCreateMailbox(channel: string): LocalMailbox {
    let mailbox = this.#mailboxes.get(channel);
    if (mailbox === undefined) {
      mailbox = new LocalMailbox(channel, this.#options.capacityOf(channel));
      this.#mailboxes.set(channel, mailbox);
    }
    return mailbox;
  }

  /** Returns the milliseconds since the layer was created. */
  #now(): number {
    return Math.ceil(this.#options.clock.now() - this.#startedAt);
  }

  #endMembership(membership: Membership): void {
    const { group, mailbox } = membership;
    if (membership.expiresAt === ENDED) return;
    membership.expiresAt = ENDED;
    group.remove(membership);
    mailbox.removeMembership(membership);
    this.#membershipCount -= 1;
    this.#releaseIfIdle(mailbox);
    this.#hooks.onMemberLeft?.(group.name, mailbox.channel);
    if (group.size > 0) return;
    this.#groups.delete(group.name);
    this.#hooks.onGroupClosed?.(group.name);
  }

  /** Runs the task now, or after the current pass: what a receiver sends must not overtake what it is receiving. */
  #runAfterCurrentPass(task: () => void): void | Promise<void> {
    if (this.#isPassRunning) {
      return new Promise((resolve, reject) => {
        this.#afterPass.push(() => {
          try {
            resolve(task());
          } catch (error) {
            reject(error);
          }
        });
      });
    }
    this.#isPassRunning = true;
    try {
      task();
    } finally {
      for (const next of this.#afterPass) next();
      this.#afterPass.length = 0;
      this.#isPassRunning = false;
    }
  }

  #fanOut(group: string, delivery: Delivery, except: string | undefined): void {
    const localGroup = this.#groups.get(group);
    if (localGroup === undefined) return;
    const excluded = except === undefined ? undefined : this.#mailboxes.get(except);
    const now = this.#now();
    for (const membership of localGroup.snapshot()) {
      if (membership.expiresAt === ENDED) continue;
      if (hasExpired(membership, now)) this.#endMembership(membership);
      else if (membership.mailbox !== excluded) this.#deliverOrQueue(membership.mailbox, delivery, now, group);
    }
  }

  /**
   * Delivers a message to the listener, or queues it. Returns false when it was dropped because the channel is full.
   */
  #deliverOrQueue(mailbox: LocalMailbox, delivery: Delivery, now: number, group?: string): boolean {
    // A listener that subscribed during this pass gets the waiting messages first, so this one has to queue behind
    // them.
    if (mailbox.receiver !== undefined && mailbox.queuedCount === 0) {
      return this.#deliverToReceiver(mailbox, mailbox.receiver, delivery, group);
    }
    const pending = mailbox.shiftPendingReceive();
    if (pending !== undefined) {
      this.#delivered += 1;
      pending.resolve(delivery);
      this.#releaseIfIdle(mailbox);
      return true;
    }
    this.#dropExpired(mailbox, now);
    if (!mailbox.push(delivery, now + this.#options.expiryMs)) {
      this.#reportDrop(mailbox, delivery, "capacity", group);
      return false;
    }
    this.#nonEmptyMailboxes.add(mailbox);
    this.#scheduleSweep();
    return true;
  }

  #deliverToReceiver(mailbox: LocalMailbox, receiver: Receiver, delivery: Delivery, group?: string): boolean {
    try {
      if (receiver.deliver(delivery)) {
        this.#delivered += 1;
        return true;
      }
    } catch (error) {
      this.#failed += 1;
      this.#options.onError(error, mailbox.channel);
      return true;
    }
    this.#reportDrop(mailbox, delivery, "capacity", group);
    return false;
  }

  #deliverQueued(mailbox: LocalMailbox): void {
    this.#dropExpired(mailbox, this.#now());
    while (mailbox.receiver !== undefined) {
      const delivery = mailbox.shift();
      if (delivery === undefined) break;
      this.#deliverToReceiver(mailbox, mailbox.receiver, delivery);
    }
    this.#releaseIfIdle(mailbox);
  }

  #dropExpired(mailbox: LocalMailbox, now: number): void {
    let expired = mailbox.shiftExpired(now);
    while (expired !== undefined) {
      this.#reportDrop(mailbox, expired, "expired");
      expired = mailbox.shiftExpired(now);
    }
  }

  #reportDrop(mailbox: LocalMailbox, delivery: Delivery, reason: DropReason, group?: string): void {
    const { channel } = mailbox;
    const { type } = delivery.message;
    this.#drops.report(group === undefined ? { channel, reason, type } : { channel, group, reason, type });
  }

  #unsubscribe(mailbox: LocalMailbox): void {
    mailbox.receiver = undefined;
    for (const membership of mailbox.memberships()) this.#endMembership(membership);
    mailbox.clear();
    this.#releaseIfIdle(mailbox);
  }

  /** Removes a mailbox that became idle, and stops the sweep when nothing is left that can expire. */
  #releaseIfIdle(mailbox: LocalMailbox): void {
    if (mailbox.queuedCount === 0) this.#nonEmptyMailboxes.delete(mailbox);
    if (mailbox.isIdle && this.#mailboxes.get(mailbox.channel) === mailbox) this.#mailboxes.delete(mailbox.channel);
    if (this.#nonEmptyMailboxes.size === 0 && this.#membershipCount === 0) this.#stopSweep();
  }

  /** Starts the layer's only timer, which runs only while something can expire (L13). */
  #scheduleSweep(): void {
    const { clock, expiryMs, groupExpiryMs } = this.#options;
    const intervalMs = Math.min(expiryMs, Math.ceil(groupExpiryMs * RENEWAL_SHARE));
    this.#sweepTimer ??= clock.setTimeout(() => this.#sweep(), intervalMs);
  }

  #stopSweep(): void {
    if (this.#sweepTimer === undefined) return;
    this.#options.clock.clearTimeout(this.#sweepTimer);
    this.#sweepTimer = undefined;
  }

  /** Renews the memberships of channels with a listener. */
  #renewMembers(group: LocalGroup, now: number): void {
    const { groupExpiryMs } = this.#options;
    const dueAt = now + groupExpiryMs * (1 - RENEWAL_SHARE);
    let isRenewed = false;
    for (const membership of group.snapshot()) {
      if (membership.expiresAt > dueAt || membership.mailbox.receiver === undefined) continue;
      membership.expiresAt = now + groupExpiryMs;
      isRenewed = true;
    }
    if (isRenewed) this.#hooks.onMembersRenewed?.(group.name);
  }

  #sweep(): void {
    this.#sweepTimer = undefined;
    const now = this.#now();
    for (const mailbox of this.#nonEmptyMailboxes) {
      this.#dropExpired(mailbox, now);
      this.#releaseIfIdle(mailbox);
    }
    for (const group of this.#groups.values()) {
      for (const membership of findExpiredMembers(group, now)) this.#endMembership(membership);
      this.#renewMembers(group, now);
    }
    if (this.#nonEmptyMailboxes.size > 0 || this.#membershipCount > 0) this.#scheduleSweep();
  }
}

/** A channel with a listener stays in its groups for as long as it has it: a connection can live for days. */
function hasExpired({ expiresAt, mailbox }: Membership, now: number): boolean {
  return expiresAt <= now && mailbox.receiver === undefined;
}

function findExpiredMembers(group: LocalGroup, now: number): readonly Membership[] {
  return group.snapshot().filter((membership) => hasExpired(membership, now));
}
