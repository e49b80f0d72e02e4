import type { Delivery, Receiver } from "./channel-layer.ts";

/** A call of `receive` that waits for the channel's next message. */
export interface PendingReceive {
  resolve(delivery: Delivery): void;
  reject(error: Error): void;
}

/** The membership of a channel in a group. */
export interface Membership {
  readonly mailbox: LocalMailbox;
  expiresAt: number;
  /** False once the channel left the group. Snapshots of the group may still contain the membership. */
  isActive: boolean;
}

interface QueuedDelivery {
  readonly delivery: Delivery;
  readonly expiresAt: number;
}

/** A channel of this process: its listener, or the messages that wait for one. */
export class LocalMailbox {
  readonly channel: string;
  readonly capacity: number;
  /** The channel's groups, so that its memberships can end with it. */
  readonly groups = new Set<string>();
  readonly pendingReceives: PendingReceive[] = [];
  receiver: Receiver | undefined;
  // All messages have the same lifetime, so the oldest expires first.
  #queue: QueuedDelivery[] = [];
  #head = 0;

  constructor(channel: string, capacity: number) {
    this.channel = channel;
    this.capacity = capacity;
  }

  get queuedCount(): number {
    return this.#queue.length - this.#head;
  }

  /** Whether the mailbox can be removed: no listener, no pending receive, no membership, no message. */
  get isIdle(): boolean {
    return (
      this.receiver === undefined &&
      this.pendingReceives.length === 0 &&
      this.groups.size === 0 &&
      this.queuedCount === 0
    );
  }

  /** Adds a message; returns false when the mailbox is full. Remove expired messages first. */
  push(delivery: Delivery, expiresAt: number): boolean {
    if (this.queuedCount >= this.capacity) return false;
    this.#queue.push({ delivery, expiresAt });
    return true;
  }

  shift(): Delivery | undefined {
    const first = this.#queue[this.#head];
    if (first === undefined) return undefined;
    this.#head += 1;
    // Compacting at every shift would make emptying a long queue quadratic.
    if (this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return first.delivery;
  }

  /** Removes and returns the first message if it has expired. */
  shiftExpired(now: number): Delivery | undefined {
    const first = this.#queue[this.#head];
    return first !== undefined && first.expiresAt <= now ? this.shift() : undefined;
  }

  clear(): void {
    this.#queue = [];
    this.#head = 0;
  }
}

/** The members of one group. */
export class LocalGroup {
  readonly members = new Map<string, Membership>();
  #snapshot: readonly Membership[] | undefined;

  /** Returns the current members. Later changes do not affect the returned array. */
  snapshot(): readonly Membership[] {
    this.#snapshot ??= [...this.members.values()];
    return this.#snapshot;
  }

  add(membership: Membership): void {
    this.members.set(membership.mailbox.channel, membership);
    this.#snapshot = undefined;
  }

  remove(channel: string): Membership | undefined {
    const membership = this.members.get(channel);
    if (membership === undefined) return undefined;
    membership.isActive = false;
    this.members.delete(channel);
    this.#snapshot = undefined;
    return membership;
  }
}
