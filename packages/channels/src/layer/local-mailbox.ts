import type { Delivery, Receiver } from "./channel-layer.ts";

// There is a mailbox for every connection, and a membership for each of its groups. So what an idle one does not need is
// created when it does, and a few items are kept in a list, which takes a third of what a set does.

/** A call of `receive` that waits for the channel's next message. */
export interface PendingReceive {
  resolve(delivery: Delivery): void;
  reject(error: Error): void;
}

/** The `expiresAt` of a membership that has ended. Snapshots of its group may still contain it. */
export const ENDED = -1;

/** The membership of a channel in a group. */
export interface Membership {
  readonly group: LocalGroup;
  readonly mailbox: LocalMailbox;
  expiresAt: number;
}

interface QueuedDelivery {
  readonly delivery: Delivery;
  readonly expiresAt: number;
}

const MAX_LISTED_MEMBERSHIPS = 16;
const NO_MEMBERSHIPS: readonly Membership[] = Object.freeze([]);

/** A channel of this process: its listener, or the messages that wait for one. */
export class LocalMailbox {
  readonly channel: string;
  readonly capacity: number;
  receiver: Receiver | undefined;
  /** The channel's memberships, so that they can end with it. */
  #memberships: readonly Membership[] | Map<LocalGroup, Membership> = NO_MEMBERSHIPS;
  #pendingReceives: PendingReceive[] | undefined;
  // All messages have the same lifetime, so the oldest expires first.
  #queue: QueuedDelivery[] | undefined;
  #head = 0;

  constructor(channel: string, capacity: number) {
    this.channel = channel;
    this.capacity = capacity;
  }

  get queuedCount(): number {
    return this.#queue === undefined ? 0 : this.#queue.length - this.#head;
  }

  get hasPendingReceives(): boolean {
    return this.#pendingReceives !== undefined && this.#pendingReceives.length > 0;
  }

  /** Whether the mailbox can be removed: no listener, no pending receive, no membership, no message. */
  get isIdle(): boolean {
    const memberships = this.#memberships;
    const hasMemberships = memberships instanceof Map ? memberships.size > 0 : memberships.length > 0;
    return this.receiver === undefined && !this.hasPendingReceives && !hasMemberships && this.queuedCount === 0;
  }

  /** Returns the current memberships. Later changes do not affect the returned list. */
  memberships(): readonly Membership[] {
    return this.#memberships instanceof Map ? [...this.#memberships.values()] : this.#memberships;
  }

  findMembership(group: LocalGroup): Membership | undefined {
    if (this.#memberships instanceof Map) return this.#memberships.get(group);
    return this.#memberships.find((membership) => membership.group === group);
  }

  addMembership(membership: Membership): void {
    if (this.#memberships instanceof Map) {
      this.#memberships.set(membership.group, membership);
      return;
    }
    // Not `push`, which leaves room for 16 more.
    const memberships = this.#memberships.concat([membership]);
    this.#memberships =
      memberships.length <= MAX_LISTED_MEMBERSHIPS
        ? memberships
        : new Map(memberships.map((listed) => [listed.group, listed]));
  }

  removeMembership(membership: Membership): void {
    if (this.#memberships instanceof Map) this.#memberships.delete(membership.group);
    else this.#memberships = this.#memberships.filter((listed) => listed !== membership);
  }

  clearMemberships(): void {
    this.#memberships = NO_MEMBERSHIPS;
  }

  addPendingReceive(pending: PendingReceive): void {
    this.#pendingReceives ??= [];
    this.#pendingReceives.push(pending);
  }

  removePendingReceive(pending: PendingReceive): void {
    this.#pendingReceives = this.#pendingReceives?.filter((waiting) => waiting !== pending);
  }

  shiftPendingReceive(): PendingReceive | undefined {
    return this.#pendingReceives?.shift();
  }

  /** Removes and returns all pending receives. */
  takePendingReceives(): readonly PendingReceive[] {
    const pending = this.#pendingReceives ?? [];
    this.#pendingReceives = undefined;
    return pending;
  }

  /** Adds a message; returns false when the mailbox is full. Remove expired messages first. */
  push(delivery: Delivery, expiresAt: number): boolean {
    if (this.queuedCount >= this.capacity) return false;
    this.#queue ??= [];
    this.#queue.push({ delivery, expiresAt });
    return true;
  }

  shift(): Delivery | undefined {
    const queue = this.#queue;
    const first = queue?.[this.#head];
    if (queue === undefined || first === undefined) return undefined;
    this.#head += 1;
    // Compacting at every shift would make emptying a long queue quadratic.
    if (this.#head === queue.length) this.clear();
    else if (this.#head * 2 >= queue.length) {
      this.#queue = queue.slice(this.#head);
      this.#head = 0;
    }
    return first.delivery;
  }

  /** Removes and returns the first message if it has expired. */
  shiftExpired(now: number): Delivery | undefined {
    const first = this.#queue?.[this.#head];
    return first !== undefined && first.expiresAt <= now ? this.shift() : undefined;
  }

  clear(): void {
    this.#queue = undefined;
    this.#head = 0;
  }
}

/** The members of one group: in many, such as those of a user, a single one, which needs no set. */
export class LocalGroup {
  readonly name: string;
  #members: Membership | Set<Membership> | undefined;
  #snapshot: readonly Membership[] | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get size(): number {
    if (this.#members === undefined) return 0;
    return this.#members instanceof Set ? this.#members.size : 1;
  }

  /** Returns the current members. Later changes do not affect the returned array. */
  snapshot(): readonly Membership[] {
    if (this.#members instanceof Set) this.#snapshot ??= [...this.#members];
    else this.#snapshot ??= this.#members === undefined ? [] : [this.#members];
    return this.#snapshot;
  }

  add(membership: Membership): void {
    this.#snapshot = undefined;
    if (this.#members === undefined) this.#members = membership;
    else if (this.#members instanceof Set) this.#members.add(membership);
    else this.#members = new Set([this.#members, membership]);
  }

  remove(membership: Membership): void {
    this.#snapshot = undefined;
    if (this.#members instanceof Set) this.#members.delete(membership);
    else if (this.#members === membership) this.#members = undefined;
  }
}
