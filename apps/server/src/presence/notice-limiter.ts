import { type Rate, TokenBucket } from "../access/token-bucket.ts";

export interface Notice {
  /** The state that the notice is about: switched on, or off. */
  readonly isOn: boolean;
  readonly send: () => Promise<void>;
}

interface Entry {
  readonly bucket: TokenBucket;
  lastSent: boolean | undefined;
  /** The latest notice that has to wait. */
  pending: Notice | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Entries below which no idle ones are looked for. */
const MIN_SWEEP_SIZE = 1_000;

/**
 * Bounds the notices of a state that a user can switch on and off at will, such as typing in a room, on all the user's
 * connections to this process. Beyond the rate only the latest state is published, when the rate allows it; a state that
 * was published last is not published again.
 */
export class NoticeLimiter {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  #sweepSize = MIN_SWEEP_SIZE;

  /** @param now A monotonic clock in milliseconds. */
  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Publishes a state at once, whatever the rate; it replaces one that waits. */
  async publishNow(key: string, { isOn, send }: Notice): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      entry.pending = undefined;
      entry.lastSent = isOn;
    }
    await send();
  }

  /** Publishes a state now, later, or not at all. @param key of the user and the room. */
  async publish(key: string, { isOn, send }: Notice): Promise<void> {
    const entry = this.#entries.get(key) ?? this.#add(key);
    if (entry.pending === undefined && entry.bucket.waitMs(this.#now()) === 0) return this.#send(entry, { isOn, send });
    entry.pending = { isOn, send };
    if (entry.timer === undefined) this.#schedule(entry);
  }

  /** Drops a notice that waits: receivers know already that the state is off. */
  switchedOff(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.pending = undefined;
    entry.lastSent = false;
  }

  #send(entry: Entry, { isOn, send }: Notice): Promise<void> {
    entry.bucket.take();
    entry.lastSent = isOn;
    return send();
  }

  #schedule(entry: Entry): void {
    const waitMs = Math.max(1, Math.ceil(entry.bucket.waitMs(this.#now())));
    entry.timer = setTimeout(() => {
      entry.timer = undefined;
      const { pending } = entry;
      if (pending === undefined || pending.isOn === entry.lastSent) {
        entry.pending = undefined;
        return;
      }
      if (entry.bucket.waitMs(this.#now()) > 0) return this.#schedule(entry);
      entry.pending = undefined;
      // Publishing reports what it loses, and never rejects.
      void this.#send(entry, pending);
    }, waitMs);
    entry.timer.unref();
  }

  #add(key: string): Entry {
    if (this.#entries.size >= this.#sweepSize) this.#sweep();
    const entry: Entry = {
      bucket: new TokenBucket(this.#rate, this.#now()),
      lastSent: undefined,
      pending: undefined,
      timer: undefined,
    };
    this.#entries.set(key, entry);
    return entry;
  }

  /** Forgets the entries that are as good as new. */
  #sweep(): void {
    for (const [key, entry] of this.#entries) {
      if (entry.timer === undefined && entry.bucket.isFull(this.#now())) this.#entries.delete(key);
    }
    this.#sweepSize = Math.max(MIN_SWEEP_SIZE, 2 * this.#entries.size);
  }
}
