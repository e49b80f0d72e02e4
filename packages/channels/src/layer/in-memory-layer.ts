import { ChannelsError } from "../errors.ts";
import type {
  ChannelLayer,
  Delivery,
  Drop,
  DropReason,
  LayerMessage,
  LayerStats,
  Receiver,
  Subscription,
} from "./channel-layer.ts";
import type { ClockTimer } from "./clock.ts";
import { DropReports } from "./drop-reports.ts";
import { InMemoryGroup, InMemoryMailbox, type Membership } from "./in-memory-mailbox.ts";
import { type LayerOptions, type ResolvedLayerOptions, resolveLayerOptions } from "./layer-options.ts";
import { ChannelNamer, checkChannelName, checkGroupName } from "./names.ts";
import { SharedDelivery } from "./shared-delivery.ts";

/**
 * A layer within one process: for one server, for tests, and for everything that never leaves the process.
 * It keeps every rule but L11, which is about a server that can be lost.
 *
 * Sending is synchronous inside: when `send` or `groupSend` is called, every receiver has been handed the message
 * before the call returns its promise, unless the call was made from within a `deliver`; then it follows that pass.
 */
export class InMemoryLayer implements ChannelLayer {
  readonly #options: ResolvedLayerOptions;
  readonly #drops: DropReports;
  readonly #namer = new ChannelNamer();
  readonly #mailboxes = new Map<string, InMemoryMailbox>();
  readonly #groups = new Map<string, InMemoryGroup>();
  /** Mailboxes in which messages wait: what the sweep looks at. */
  readonly #waiting = new Set<InMemoryMailbox>();
  /** What receivers asked for from within a pass. Handing it out at once would overtake that pass (L4). */
  readonly #afterPass: (() => void)[] = [];
  #passing = false;
  #sweep: ClockTimer | undefined;
  #memberships = 0;
  #sent = 0;
  #delivered = 0;
  #failed = 0;
  #closed = false;

  /** @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: LayerOptions = {}) {
    this.#options = resolveLayerOptions(options);
    this.#drops = new DropReports(this.#options.onError);
  }

  newChannel(prefix?: string): string {
    return this.#namer.next(prefix);
  }

  async send(channel: string, message: LayerMessage): Promise<void> {
    this.#assertOpen("send");
    checkChannelName(channel);
    const delivery = SharedDelivery.of(message);
    this.#sent += 1;
    const full = await this.#inTurn(() => {
      const mailbox = this.#mailbox(channel);
      return this.#hand(mailbox, delivery, this.#options.clock.now()) ? undefined : mailbox;
    });
    if (full !== undefined) {
      // A receiver's own mailbox may be smaller than the layer's: only the layer's limit is known here.
      throw new ChannelsError("ChannelFull", full.receiver ? { channel } : { channel, capacity: full.capacity });
    }
  }

  async groupAdd(group: string, channel: string): Promise<void> {
    this.#assertOpen("groupAdd");
    checkGroupName(group);
    checkChannelName(channel);
    const expiresAt = this.#options.clock.now() + this.#options.groupExpiryMs;
    let members = this.#groups.get(group);
    if (members === undefined) {
      members = new InMemoryGroup();
      this.#groups.set(group, members);
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

  /** Also after `close`: what ends late finds nothing left to end. */
  async groupDiscard(group: string, channel: string): Promise<void> {
    checkGroupName(group);
    checkChannelName(channel);
    this.#discard(group, channel);
  }

  async groupSend(group: string, message: LayerMessage): Promise<void> {
    this.#assertOpen("groupSend");
    checkGroupName(group);
    const delivery = SharedDelivery.of(message);
    this.#sent += 1;
    await this.#inTurn(() => this.#fanOut(group, delivery));
  }

  async subscribe(channel: string, receiver: Receiver): Promise<Subscription> {
    this.#assertOpen("subscribe");
    checkChannelName(channel);
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
      },
    };
  }

  async receive(channel: string, options: { readonly signal?: AbortSignal } = {}): Promise<LayerMessage> {
    this.#assertOpen("receive");
    checkChannelName(channel);
    const { signal } = options;
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

  onDrop(listener: (drop: Drop) => void): () => void {
    return this.#drops.listen(listener);
  }

  /** What is there now; the counts are those since the layer was made. */
  stats(): LayerStats {
    return {
      channels: this.#mailboxes.size,
      groups: this.#groups.size,
      memberships: this.#memberships,
      sent: this.#sent,
      delivered: this.#delivered,
      failed: this.#failed,
      dropped: this.#drops.counts(),
      gaps: 0,
    };
  }

  /** Listeners stay where they are; what waits for nobody and all memberships are gone. */
  async flush(): Promise<void> {
    for (const group of this.#groups.values()) {
      for (const membership of group.members.values()) membership.live = false;
    }
    this.#groups.clear();
    this.#memberships = 0;
    this.#waiting.clear();
    for (const mailbox of this.#mailboxes.values()) {
      mailbox.groups.clear();
      mailbox.clear();
      this.#settle(mailbox);
    }
    this.#stopSweep();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const waiters = [...this.#mailboxes.values()].flatMap((mailbox) => mailbox.waiters.splice(0));
    for (const mailbox of this.#mailboxes.values()) mailbox.receiver = undefined;
    await this.flush();
    this.#drops.close();
    for (const waiter of waiters) waiter.fail(new ChannelsError("LayerClosed", { operation: "receive" }));
  }

  #assertOpen(operation: string): void {
    if (this.#closed) throw new ChannelsError("LayerClosed", { operation });
  }

  #mailbox(channel: string): InMemoryMailbox {
    let mailbox = this.#mailboxes.get(channel);
    if (mailbox === undefined) {
      mailbox = new InMemoryMailbox(channel, this.#options.capacityOf(channel));
      this.#mailboxes.set(channel, mailbox);
    }
    return mailbox;
  }

  /** Runs now, or right after the pass that is under way: a receiver that sends must not overtake what it was sent. */
  #inTurn<T>(task: () => T): T | Promise<T> {
    if (this.#passing) {
      return new Promise((resolve) => {
        this.#afterPass.push(() => resolve(task()));
      });
    }
    this.#passing = true;
    try {
      return task();
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
      if (membership.expiresAt <= now) this.#discard(group, membership.mailbox.channel);
      else this.#hand(membership.mailbox, delivery, now, group);
    }
  }

  /** Gives a message to whoever listens, else keeps it. False when it was dropped because the channel is full. */
  #hand(mailbox: InMemoryMailbox, delivery: Delivery, now: number, group?: string): boolean {
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

  #deliver(mailbox: InMemoryMailbox, receiver: Receiver, delivery: Delivery, group?: string): boolean {
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

  #handQueued(mailbox: InMemoryMailbox): void {
    this.#dropExpired(mailbox, this.#options.clock.now());
    while (mailbox.receiver !== undefined) {
      const delivery = mailbox.shift();
      if (delivery === undefined) break;
      this.#deliver(mailbox, mailbox.receiver, delivery);
    }
    this.#settle(mailbox);
  }

  #dropExpired(mailbox: InMemoryMailbox, now: number): void {
    let expired = mailbox.shiftExpired(now);
    while (expired !== undefined) {
      this.#drop(mailbox, expired, "expired");
      expired = mailbox.shiftExpired(now);
    }
  }

  #drop(mailbox: InMemoryMailbox, delivery: Delivery, reason: DropReason, group?: string): void {
    const { channel } = mailbox;
    const { type } = delivery.message;
    this.#drops.report(group === undefined ? { channel, reason, type } : { channel, group, reason, type });
  }

  #discard(group: string, channel: string): void {
    const members = this.#groups.get(group);
    const membership = members?.remove(channel);
    if (members === undefined || membership === undefined) return;
    if (members.members.size === 0) this.#groups.delete(group);
    this.#memberships -= 1;
    membership.mailbox.groups.delete(group);
    this.#settle(membership.mailbox);
  }

  #unsubscribe(mailbox: InMemoryMailbox): void {
    mailbox.receiver = undefined;
    for (const group of [...mailbox.groups]) this.#discard(group, mailbox.channel);
    mailbox.clear();
    this.#settle(mailbox);
  }

  /** After something was taken from a mailbox: forgets it when nobody would miss it, and the sweep with the last. */
  #settle(mailbox: InMemoryMailbox): void {
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
      for (const { mailbox } of expiredMembers(group, now)) this.#discard(name, mailbox.channel);
    }
    if (this.#waiting.size > 0 || this.#memberships > 0) this.#scheduleSweep();
  }
}

function expiredMembers(group: InMemoryGroup, now: number): readonly Membership[] {
  return group.snapshot().filter((membership) => membership.expiresAt <= now);
}
