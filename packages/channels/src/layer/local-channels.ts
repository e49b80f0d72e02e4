import { ChannelsError } from "../errors.ts";
import type { Delivery, DropReason, LayerGap, LayerMessage, Receiver, Subscription } from "./channel-layer.ts";
import type { ClockTimer } from "./clock.ts";
import type { DropReporter } from "./drop-reporter.ts";
import type { ResolvedLayerOptions } from "./layer-options.ts";
import { LocalGroup, LocalMailbox, type Membership } from "./local-mailbox.ts";

/** What a layer may want to hear of its local half, to keep subscriptions on a server in step with it. */
export interface LocalChannelsHooks {
  /** A group has its first local member. */
  onGroupOpened?(group: string): void;
  /** A group lost its last local member, however it went. */
  onGroupClosed?(group: string): void;
  /** A channel left a group, however it went. */
  onMemberLeft?(group: string, channel: string): void;
}

/**
 * The half of a layer that lives in this process: the channels, who listens on them, what waits for a listener, and the
 * groups with their local members. The in-memory layer is this and nothing else; a layer on a server puts what arrives
 * from there into it, so that order, bounds and expiry are kept by one piece of code.
 *
 * Handing out is synchronous, unless it is asked for from within a `deliver`: then it follows that pass (L4).
 */
export class LocalChannels {
  readonly #options: ResolvedLayerOptions;
  readonly #drops: DropReporter;
  readonly #hooks: LocalChannelsHooks;
  readonly #mailboxes = new Map<string, LocalMailbox>();
  readonly #groups = new Map<string, LocalGroup>();
  /** Mailboxes in which messages wait: what the sweep looks at. */
  readonly #nonEmptyMailboxes = new Set<LocalMailbox>();
  /** What receivers asked for from within a pass. Handing it out at once would overtake that pass (L4). */
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
  }

  /** @throws ChannelFull when the channel, or its listener's own mailbox, takes no more; the drop has been reported. */
  deliver(channel: string, delivery: Delivery): void | Promise<void> {
    return this.#runAfterCurrentPass(() => {
      const mailbox = this.#getOrCreateMailbox(channel);
      if (this.#deliverOrQueue(mailbox, delivery, this.#options.clock.now())) return;
      // A receiver's own mailbox may be smaller than the layer's: only the layer's limit is known here.
      throw new ChannelsError("ChannelFull", mailbox.receiver ? { channel } : { channel, capacity: mailbox.capacity });
    });
  }

  /** To several channels at once; the full ones are passed over and reported. */
  deliverToAll(channels: readonly string[], delivery: Delivery, group?: string): void | Promise<void> {
    return this.#runAfterCurrentPass(() => {
      const now = this.#options.clock.now();
      for (const channel of channels) this.#deliverOrQueue(this.#getOrCreateMailbox(channel), delivery, now, group);
    });
  }

  /** To every local member of the group. */
  deliverToGroup(group: string, delivery: Delivery): void | Promise<void> {
    return this.#runAfterCurrentPass(() => this.#fanOut(group, delivery));
  }

  addMember(group: string, channel: string): void {
    const expiresAt = this.#options.clock.now() + this.#options.groupExpiryMs;
    let members = this.#groups.get(group);
    if (members === undefined) {
      members = new LocalGroup();
      this.#groups.set(group, members);
      this.#hooks.onGroupOpened?.(group);
    }
    const known = members.members.get(channel);
    if (known !== undefined) {
      known.expiresAt = expiresAt;
      return;
    }
    const mailbox = this.#getOrCreateMailbox(channel);
    members.add({ mailbox, expiresAt, isActive: true });
    mailbox.groups.add(group);
    this.#membershipCount += 1;
    this.#scheduleSweep();
  }

  removeMember(group: string, channel: string): void {
    const members = this.#groups.get(group);
    const membership = members?.remove(channel);
    if (members === undefined || membership === undefined) return;
    this.#membershipCount -= 1;
    membership.mailbox.groups.delete(group);
    this.#releaseIfIdle(membership.mailbox);
    this.#hooks.onMemberLeft?.(group, channel);
    if (members.members.size > 0) return;
    this.#groups.delete(group);
    this.#hooks.onGroupClosed?.(group);
  }

  /** @throws ChannelTaken when the channel has a listener. `onEnd` runs when the subscription ends. */
  async subscribe(channel: string, receiver: Receiver, onEnd?: () => void | Promise<void>): Promise<Subscription> {
    const mailbox = this.#getOrCreateMailbox(channel);
    if (mailbox.receiver !== undefined || mailbox.pendingReceives.length > 0) {
      throw new ChannelsError("ChannelTaken", { channel });
    }
    mailbox.receiver = receiver;
    await this.#runAfterCurrentPass(() => this.#deliverQueued(mailbox));
    let ended = false;
    return {
      channel,
      unsubscribe: async () => {
        if (ended) return;
        ended = true;
        this.#unsubscribe(mailbox);
        await onEnd?.();
      },
    };
  }

  /** @throws ChannelTaken when the channel has a listener; the signal's reason when it aborts. */
  async receive(channel: string, signal?: AbortSignal): Promise<LayerMessage> {
    signal?.throwIfAborted();
    const mailbox = this.#getOrCreateMailbox(channel);
    if (mailbox.receiver !== undefined) throw new ChannelsError("ChannelTaken", { channel });
    this.#dropExpired(mailbox, this.#options.clock.now());
    const waiting = mailbox.shift();
    if (waiting !== undefined) {
      this.#releaseIfIdle(mailbox);
      this.#delivered += 1;
      return waiting.copy();
    }
    return await new Promise<LayerMessage>((resolve, reject) => {
      const stop = () => {
        const place = mailbox.pendingReceives.indexOf(waiter);
        if (place !== -1) mailbox.pendingReceives.splice(place, 1);
        this.#releaseIfIdle(mailbox);
        reject(signal?.reason);
      };
      const waiter = {
        resolve: (delivery: Delivery) => {
          signal?.removeEventListener("abort", stop);
          resolve(delivery.copy());
        },
        reject: (error: Error) => {
          signal?.removeEventListener("abort", stop);
          reject(error);
        },
      };
      mailbox.pendingReceives.push(waiter);
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  /** Ends the memberships of a group that are too old, for a layer that does not fan out here. */
  expireMembers(group: string): void {
    const members = this.#groups.get(group);
    if (members === undefined) return;
    for (const { mailbox } of findExpiredMembers(members, this.#options.clock.now()))
      this.removeMember(group, mailbox.channel);
  }

  /** Every group that has local members, with their channels. */
  *memberships(): IterableIterator<readonly [group: string, channels: readonly string[]]> {
    for (const [group, members] of this.#groups) yield [group, [...members.members.keys()]];
  }

  /** Whether a message for the channel would be taken at once: somebody listens, or waits in `receive`. */
  hasReceiver(channel: string): boolean {
    const mailbox = this.#mailboxes.get(channel);
    return mailbox !== undefined && (mailbox.receiver !== undefined || mailbox.pendingReceives.length > 0);
  }

  /** Tells every listener of this process once (L11). */
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

  /** Listeners stay where they are; what waits for nobody and all memberships are gone. */
  flush(): void {
    const groups = [...this.#groups.keys()];
    for (const group of this.#groups.values()) {
      for (const membership of group.members.values()) membership.isActive = false;
    }
    this.#groups.clear();
    this.#membershipCount = 0;
    this.#nonEmptyMailboxes.clear();
    for (const mailbox of [...this.#mailboxes.values()]) {
      mailbox.groups.clear();
      mailbox.clear();
      this.#releaseIfIdle(mailbox);
    }
    this.#stopSweep();
    for (const group of groups) this.#hooks.onGroupClosed?.(group);
  }

  /** As `flush`, and nobody listens any more; who waits in `receive` is refused. */
  close(): void {
    const waiters = [...this.#mailboxes.values()].flatMap((mailbox) => mailbox.pendingReceives.splice(0));
    for (const mailbox of this.#mailboxes.values()) mailbox.receiver = undefined;
    this.flush();
    for (const waiter of waiters) waiter.reject(new ChannelsError("LayerClosed", { operation: "receive" }));
  }

  #getOrCreateMailbox(channel: string): LocalMailbox {
    let mailbox = this.#mailboxes.get(channel);
    if (mailbox === undefined) {
      mailbox = new LocalMailbox(channel, this.#options.capacityOf(channel));
      this.#mailboxes.set(channel, mailbox);
    }
    return mailbox;
  }

  /** Runs now, or right after the pass that is under way: a receiver that sends must not overtake what it was sent. */
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

  #fanOut(group: string, delivery: Delivery): void {
    const members = this.#groups.get(group);
    if (members === undefined) return;
    const now = this.#options.clock.now();
    for (const membership of members.snapshot()) {
      if (!membership.isActive) continue;
      if (membership.expiresAt <= now) this.removeMember(group, membership.mailbox.channel);
      else this.#deliverOrQueue(membership.mailbox, delivery, now, group);
    }
  }

  /** Gives a message to whoever listens, else keeps it. False when it was dropped because the channel is full. */
  #deliverOrQueue(mailbox: LocalMailbox, delivery: Delivery, now: number, group?: string): boolean {
    // A listener that came during this pass gets what was waiting first: until then the new message waits with it.
    if (mailbox.receiver !== undefined && mailbox.queuedCount === 0) {
      return this.#deliverToReceiver(mailbox, mailbox.receiver, delivery, group);
    }
    const waiter = mailbox.pendingReceives.shift();
    if (waiter !== undefined) {
      this.#delivered += 1;
      waiter.resolve(delivery);
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
    this.#dropExpired(mailbox, this.#options.clock.now());
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
    for (const group of [...mailbox.groups]) this.removeMember(group, mailbox.channel);
    mailbox.clear();
    this.#releaseIfIdle(mailbox);
  }

  /** After something was taken from a mailbox: forgets it when nobody would miss it, and the sweep with the last. */
  #releaseIfIdle(mailbox: LocalMailbox): void {
    if (mailbox.queuedCount === 0) this.#nonEmptyMailboxes.delete(mailbox);
    if (mailbox.isIdle && this.#mailboxes.get(mailbox.channel) === mailbox) this.#mailboxes.delete(mailbox.channel);
    if (this.#nonEmptyMailboxes.size === 0 && this.#membershipCount === 0) this.#stopSweep();
  }

  /** One timer for the whole layer, and only while something can expire (L13). */
  #scheduleSweep(): void {
    const { clock, expiryMs, groupExpiryMs } = this.#options;
    this.#sweepTimer ??= clock.setTimeout(() => this.#sweep(), Math.min(expiryMs, groupExpiryMs));
  }

  #stopSweep(): void {
    if (this.#sweepTimer === undefined) return;
    this.#options.clock.clearTimeout(this.#sweepTimer);
    this.#sweepTimer = undefined;
  }

  #sweep(): void {
    this.#sweepTimer = undefined;
    const now = this.#options.clock.now();
    for (const mailbox of this.#nonEmptyMailboxes) {
      this.#dropExpired(mailbox, now);
      this.#releaseIfIdle(mailbox);
    }
    for (const [name, group] of this.#groups) {
      for (const { mailbox } of findExpiredMembers(group, now)) this.removeMember(name, mailbox.channel);
    }
    if (this.#nonEmptyMailboxes.size > 0 || this.#membershipCount > 0) this.#scheduleSweep();
  }
}

function findExpiredMembers(group: LocalGroup, now: number): readonly Membership[] {
  return group.snapshot().filter((membership) => membership.expiresAt <= now);
}
