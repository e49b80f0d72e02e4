import { ChannelsError } from "../errors.ts";
import type { Delivery, DropReason, LayerGap, LayerMessage, Receiver, Subscription } from "./channel-layer.ts";
import type { ClockTimer } from "./clock.ts";
import type { DropReports } from "./drop-reports.ts";
import type { ResolvedLayerOptions } from "./layer-options.ts";
import { LocalGroup, LocalMailbox, type Membership } from "./local-mailbox.ts";

/** What a layer may want to hear of its local half, to keep subscriptions on a server in step with it. */
export interface LocalChannelsHooks {
  /** A group has its first local member. */
  groupOpened?(group: string): void;
  /** A group lost its last local member, however it went. */
  groupClosed?(group: string): void;
  /** A channel left a group, however it went. */
  memberLeft?(group: string, channel: string): void;
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
  readonly #drops: DropReports;
  readonly #hooks: LocalChannelsHooks;
  readonly #mailboxes = new Map<string, LocalMailbox>();
  readonly #groups = new Map<string, LocalGroup>();
  /** Mailboxes in which messages wait: what the sweep looks at. */
  readonly #waiting = new Set<LocalMailbox>();
  /** What receivers asked for from within a pass. Handing it out at once would overtake that pass (L4). */
  readonly #afterPass: (() => void)[] = [];
  #passing = false;
  #sweep: ClockTimer | undefined;
  #memberships = 0;
  #delivered = 0;
  #failed = 0;

  constructor(options: ResolvedLayerOptions, drops: DropReports, hooks: LocalChannelsHooks = {}) {
    this.#options = options;
    this.#drops = drops;
    this.#hooks = hooks;
  }

  /** @throws ChannelFull when the channel, or its listener's own mailbox, takes no more; the drop has been reported. */
  post(channel: string, delivery: Delivery): void | Promise<void> {
    return this.#inTurn(() => {
      const mailbox = this.#mailbox(channel);
      if (this.#hand(mailbox, delivery, this.#options.clock.now())) return;
      // A receiver's own mailbox may be smaller than the layer's: only the layer's limit is known here.
      throw new ChannelsError("ChannelFull", mailbox.receiver ? { channel } : { channel, capacity: mailbox.capacity });
    });
  }

  /** To several channels at once; the full ones are passed over and reported. */
  postToAll(channels: readonly string[], delivery: Delivery, group?: string): void | Promise<void> {
    return this.#inTurn(() => {
      const now = this.#options.clock.now();
      for (const channel of channels) this.#hand(this.#mailbox(channel), delivery, now, group);
    });
  }

  /** To every local member of the group. */
  postToGroup(group: string, delivery: Delivery): void | Promise<void> {
    return this.#inTurn(() => this.#fanOut(group, delivery));
  }

  add(group: string, channel: string): void {
    const expiresAt = this.#options.clock.now() + this.#options.groupExpiryMs;
    let members = this.#groups.get(group);
    if (members === undefined) {
      members = new LocalGroup();
      this.#groups.set(group, members);
      this.#hooks.groupOpened?.(group);
    }
    const known = members.members.get(channel);
    if (known !== undefined) {
      known.expiresAt = expiresAt;
      return;
    }
    const mailbox = this.#mailbox(channel);
    members.add({ mailbox, expiresAt, live: true });
    mailbox.groups.add(group);
    this.#memberships += 1;
    this.#scheduleSweep();
  }

  discard(group: string, channel: string): void {
    const members = this.#groups.get(group);
    const membership = members?.remove(channel);
    if (members === undefined || membership === undefined) return;
    this.#memberships -= 1;
    membership.mailbox.groups.delete(group);
    this.#settle(membership.mailbox);
    this.#hooks.memberLeft?.(group, channel);
    if (members.members.size > 0) return;
    this.#groups.delete(group);
    this.#hooks.groupClosed?.(group);
  }

  /** @throws ChannelTaken when the channel has a listener. `onEnd` runs when the subscription ends. */
  async subscribe(channel: string, receiver: Receiver, onEnd?: () => void | Promise<void>): Promise<Subscription> {
    const mailbox = this.#mailbox(channel);
    if (mailbox.receiver !== undefined || mailbox.waiters.length > 0) {
      throw new ChannelsError("ChannelTaken", { channel });
    }
    mailbox.receiver = receiver;
    await this.#inTurn(() => this.#handQueued(mailbox));
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
    const mailbox = this.#mailbox(channel);
    if (mailbox.receiver !== undefined) throw new ChannelsError("ChannelTaken", { channel });
    this.#dropExpired(mailbox, this.#options.clock.now());
    const waiting = mailbox.shift();
    if (waiting !== undefined) {
      this.#settle(mailbox);
      this.#delivered += 1;
      return waiting.copy();
    }
    return await new Promise<LayerMessage>((resolve, reject) => {
      const stop = () => {
        const place = mailbox.waiters.indexOf(waiter);
        if (place !== -1) mailbox.waiters.splice(place, 1);
        this.#settle(mailbox);
        reject(signal?.reason);
      };
      const waiter = {
        take: (delivery: Delivery) => {
          signal?.removeEventListener("abort", stop);
          resolve(delivery.copy());
        },
        fail: (error: Error) => {
          signal?.removeEventListener("abort", stop);
          reject(error);
        },
      };
      mailbox.waiters.push(waiter);
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  /** Ends the memberships of a group that are too old, for a layer that does not fan out here. */
  expire(group: string): void {
    const members = this.#groups.get(group);
    if (members === undefined) return;
    for (const { mailbox } of expiredMembers(members, this.#options.clock.now())) this.discard(group, mailbox.channel);
  }

  /** Every group that has local members, with their channels. */
  *memberships(): IterableIterator<readonly [group: string, channels: readonly string[]]> {
    for (const [group, members] of this.#groups) yield [group, [...members.members.keys()]];
  }

  /** Whether a message for the channel would be taken at once: somebody listens, or waits in `receive`. */
  wants(channel: string): boolean {
    const mailbox = this.#mailboxes.get(channel);
    return mailbox !== undefined && (mailbox.receiver !== undefined || mailbox.waiters.length > 0);
  }

  /** Tells every listener of this process once (L11). */
  tellGap(gap: LayerGap): void {
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
      memberships: this.#memberships,
      delivered: this.#delivered,
      failed: this.#failed,
    };
  }

  /** Listeners stay where they are; what waits for nobody and all memberships are gone. */
  flush(): void {
    const groups = [...this.#groups.keys()];
    for (const group of this.#groups.values()) {
      for (const membership of group.members.values()) membership.live = false;
    }
    this.#groups.clear();
    this.#memberships = 0;
    this.#waiting.clear();
    for (const mailbox of [...this.#mailboxes.values()]) {
      mailbox.groups.clear();
      mailbox.clear();
      this.#settle(mailbox);
    }
    this.#stopSweep();
    for (const group of groups) this.#hooks.groupClosed?.(group);
  }

  /** As `flush`, and nobody listens any more; who waits in `receive` is refused. */
  close(): void {
    const waiters = [...this.#mailboxes.values()].flatMap((mailbox) => mailbox.waiters.splice(0));
    for (const mailbox of this.#mailboxes.values()) mailbox.receiver = undefined;
    this.flush();
    for (const waiter of waiters) waiter.fail(new ChannelsError("LayerClosed", { operation: "receive" }));
  }

  #mailbox(channel: string): LocalMailbox {
    let mailbox = this.#mailboxes.get(channel);
    if (mailbox === undefined) {
      mailbox = new LocalMailbox(channel, this.#options.capacityOf(channel));
      this.#mailboxes.set(channel, mailbox);
    }
    return mailbox;
  }

  /** Runs now, or right after the pass that is under way: a receiver that sends must not overtake what it was sent. */
  #inTurn(task: () => void): void | Promise<void> {
    if (this.#passing) {
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
    this.#passing = true;
    try {
      task();
    } finally {
      for (const next of this.#afterPass) next();
      this.#afterPass.length = 0;
      this.#passing = false;
    }
  }

  #fanOut(group: string, delivery: Delivery): void {
    const members = this.#groups.get(group);
    if (members === undefined) return;
    const now = this.#options.clock.now();
    for (const membership of members.snapshot()) {
      if (!membership.live) continue;
      if (membership.expiresAt <= now) this.discard(group, membership.mailbox.channel);
      else this.#hand(membership.mailbox, delivery, now, group);
    }
  }

  /** Gives a message to whoever listens, else keeps it. False when it was dropped because the channel is full. */
  #hand(mailbox: LocalMailbox, delivery: Delivery, now: number, group?: string): boolean {
    // A listener that came during this pass gets what was waiting first: until then the new message waits with it.
    if (mailbox.receiver !== undefined && mailbox.queued === 0) {
      return this.#deliver(mailbox, mailbox.receiver, delivery, group);
    }
    const waiter = mailbox.waiters.shift();
    if (waiter !== undefined) {
      this.#delivered += 1;
      waiter.take(delivery);
      this.#settle(mailbox);
      return true;
    }
    this.#dropExpired(mailbox, now);
    if (!mailbox.push(delivery, now + this.#options.expiryMs)) {
      this.#drop(mailbox, delivery, "capacity", group);
      return false;
    }
    this.#waiting.add(mailbox);
    this.#scheduleSweep();
    return true;
  }

  #deliver(mailbox: LocalMailbox, receiver: Receiver, delivery: Delivery, group?: string): boolean {
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
    this.#drop(mailbox, delivery, "capacity", group);
    return false;
  }

  #handQueued(mailbox: LocalMailbox): void {
    this.#dropExpired(mailbox, this.#options.clock.now());
    while (mailbox.receiver !== undefined) {
      const delivery = mailbox.shift();
      if (delivery === undefined) break;
      this.#deliver(mailbox, mailbox.receiver, delivery);
    }
    this.#settle(mailbox);
  }

  #dropExpired(mailbox: LocalMailbox, now: number): void {
    let expired = mailbox.shiftExpired(now);
    while (expired !== undefined) {
      this.#drop(mailbox, expired, "expired");
      expired = mailbox.shiftExpired(now);
    }
  }

  #drop(mailbox: LocalMailbox, delivery: Delivery, reason: DropReason, group?: string): void {
    const { channel } = mailbox;
    const { type } = delivery.message;
    this.#drops.report(group === undefined ? { channel, reason, type } : { channel, group, reason, type });
  }

  #unsubscribe(mailbox: LocalMailbox): void {
    mailbox.receiver = undefined;
    for (const group of [...mailbox.groups]) this.discard(group, mailbox.channel);
    mailbox.clear();
    this.#settle(mailbox);
  }

  /** After something was taken from a mailbox: forgets it when nobody would miss it, and the sweep with the last. */
  #settle(mailbox: LocalMailbox): void {
    if (mailbox.queued === 0) this.#waiting.delete(mailbox);
    if (mailbox.idle && this.#mailboxes.get(mailbox.channel) === mailbox) this.#mailboxes.delete(mailbox.channel);
    if (this.#waiting.size === 0 && this.#memberships === 0) this.#stopSweep();
  }

  /** One timer for the whole layer, and only while something can expire (L13). */
  #scheduleSweep(): void {
    const { clock, expiryMs, groupExpiryMs } = this.#options;
    this.#sweep ??= clock.setTimeout(() => this.#sweepNow(), Math.min(expiryMs, groupExpiryMs));
  }

  #stopSweep(): void {
    if (this.#sweep === undefined) return;
    this.#options.clock.clearTimeout(this.#sweep);
    this.#sweep = undefined;
  }

  #sweepNow(): void {
    this.#sweep = undefined;
    const now = this.#options.clock.now();
    for (const mailbox of this.#waiting) {
      this.#dropExpired(mailbox, now);
      this.#settle(mailbox);
    }
    for (const [name, group] of this.#groups) {
      for (const { mailbox } of expiredMembers(group, now)) this.discard(name, mailbox.channel);
    }
    if (this.#waiting.size > 0 || this.#memberships > 0) this.#scheduleSweep();
  }
}

function expiredMembers(group: LocalGroup, now: number): readonly Membership[] {
  return group.snapshot().filter((membership) => membership.expiresAt <= now);
}
