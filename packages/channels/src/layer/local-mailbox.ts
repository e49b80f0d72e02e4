import type { Delivery, Receiver } from "./channel-layer.ts";

/** Somebody in `receive` who waits for the next message. */
export interface PendingReceive {
  resolve(delivery: Delivery): void;
  reject(error: Error): void;
}

/** A channel's place in a group. Handed out in snapshots, so it says itself whether it still counts. */
export interface Membership {
  readonly mailbox: LocalMailbox;
  expiresAt: number;
  isActive: boolean;
}

interface QueuedDelivery {
  readonly delivery: Delivery;
  readonly expiresAt: number;
}

/** A channel of this process: its listener if it has one, else what waits for one. */
export class LocalMailbox {
  readonly channel: string;
  readonly capacity: number;
  /** The groups it is in, so that its end can end its memberships. */
  readonly groups = new Set<string>();
  readonly pendingReceives: PendingReceive[] = [];
  receiver: Receiver | undefined;
  // All messages live equally long, so the first in is the first to expire.
  #queue: QueuedDelivery[] = [];
  #head = 0;

  constructor(channel: string, capacity: number) {
    this.channel = channel;
    this.capacity = capacity;
  }

  get queuedCount(): number {
    return this.#queue.length - this.#head;
  }

  /** Whether nobody would miss it. */
  get isIdle(): boolean {
    return (
      this.receiver === undefined &&
      this.pendingReceives.length === 0 &&
      this.groups.size === 0 &&
      this.queuedCount === 0
    );
  }

  /** False when it is full. Take out what has expired before asking. */
  push(delivery: Delivery, expiresAt: number): boolean {
    if (this.queuedCount >= this.capacity) return false;
    this.#queue.push({ delivery, expiresAt });
    return true;
  }

  shift(): Delivery | undefined {
    const first = this.#queue[this.#head];
    if (first === undefined) return undefined;
    this.#head += 1;
    // Moving the rest at every shift would make emptying a long queue quadratic.
    if (this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return first.delivery;
  }

  /** The first one if it has expired, taken out. */
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

  /** The members as they are now; later changes make a new one and leave this as it is. */
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
