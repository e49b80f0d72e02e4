import { LRUCache } from "lru-cache";
import { TokenBucket } from "../access/token-bucket.ts";

/** What a change of a reaction has done. */
export interface ReactionChange {
  readonly seq: number;
  /** The change had been applied before, by its client id, and had no effect this time. */
  readonly isRepeat: boolean;
}

type Apply = (present: boolean) => Promise<ReactionChange>;

export interface ReactionState {
  readonly user: string;
  readonly room: string;
  readonly message: string;
  readonly emoji: string;
  readonly present: boolean;
  /** The client's id of the change. */
  readonly clientId: string | undefined;
}

interface Change {
  readonly present: boolean;
  readonly clientId: string | undefined;
  readonly apply: Apply;
  readonly result: PromiseWithResolvers<{ readonly seq: number }>;
}

/** One user's reaction with one emoji to one message. */
interface Reaction {
  readonly key: string;
  wasApplied: boolean;
  isApplying: boolean;
  /** In the order of arrival; only the last one decides. */
  readonly waiting: Change[];
}

/** What one user repeats in one room. */
interface Repeats {
  readonly bucket: TokenBucket;
  readonly waiting: Set<Reaction>;
  timer: NodeJS.Timeout | undefined;
}

/** Of one user in one room: repeated changes at once, and in the long run. */
const RATE = { burst: 8, perSecond: 2 } as const;
/** How long a reaction is remembered after its last change took effect. */
const MEMORY_MS = 60_000;
/** Beyond it the least recently used are forgotten, so that their next change counts as a first one. */
const MAX_REACTIONS = 100_000;
const MAX_REPEATS = 100_000;

/** Options of a cache with at most `max` entries. With the option `max`, it would take memory for all of them at once. */
function bounded(max: number): { readonly maxSize: number; readonly sizeCalculation: () => number } {
  return { maxSize: max, sizeCalculation: () => 1 };
}

/**
 * Bounds how often the reactions that a user switches on and off reach the others. Adding or removing a reaction for the first
 * time in a minute takes effect at once. Repeated changes have a rate; beyond it a change waits, and a later one of the same
 * reaction replaces it: the last one takes effect, and all of them are answered with its result.
 */
export class ReactionPacer {
  readonly #now: () => number;
  readonly #reactions: LRUCache<string, Reaction>;
  /**
   * Those with a change that waits or is being applied. They are not forgotten, for however long it takes: a newer change would be
   * applied before the older one, which would then undo it.
   */
  readonly #busy = new Map<string, Reaction>();
  readonly #repeats = new LRUCache<string, Repeats>(bounded(MAX_REPEATS));

  /** @param now A monotonic clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#reactions = new LRUCache({ ...bounded(MAX_REACTIONS), ttl: MEMORY_MS, perf: { now } });
  }

  /**
   * Changes a reaction now or later.
   *
   * @param apply changes it to the given state. For a change that was replaced it is called with the state that replaced it, so
   * that its idempotency key is stored, too.
   */
  set(
    { user, room, message, emoji, present, clientId }: ReactionState,
    apply: Apply,
  ): { readonly isWaiting: boolean; readonly result: Promise<{ readonly seq: number }> } {
    const reaction = this.#get(`${user} ${message} ${emoji}`);
    const repeats = this.#repeatsOf(`${user} ${room}`);
    // A client that has lost the reply sends the change again: it keeps its place.
    const sent = clientId === undefined ? undefined : reaction.waiting.find((change) => change.clientId === clientId);
    if (sent !== undefined) return { isWaiting: true, result: sent.result.promise };
    const change: Change = { present, clientId, apply, result: Promise.withResolvers() };
    reaction.waiting.push(change);
    this.#busy.set(reaction.key, reaction);
    this.#advance(reaction, repeats);
    return { isWaiting: reaction.waiting.length > 0, result: change.result.promise };
  }

  #get(key: string): Reaction {
    const known = this.#busy.get(key) ?? this.#reactions.get(key);
    return known ?? { key, wasApplied: false, isApplying: false, waiting: [] };
  }

  #repeatsOf(key: string): Repeats {
    let repeats = this.#repeats.get(key);
    if (repeats === undefined) {
      repeats = { bucket: new TokenBucket(RATE, this.#now()), waiting: new Set(), timer: undefined };
      this.#repeats.set(key, repeats);
    }
    return repeats;
  }

  #advance(reaction: Reaction, repeats: Repeats): void {
    if (reaction.isApplying || reaction.waiting.length === 0) return;
    const { bucket, waiting } = repeats;
    if (reaction.wasApplied && (bucket.waitMs(this.#now()) > 0 || waiting.has(reaction))) {
      waiting.add(reaction);
      this.#schedule(repeats);
      return;
    }
    if (reaction.wasApplied) bucket.take();
    void this.#apply(reaction, repeats);
  }

  async #apply(reaction: Reaction, repeats: Repeats): Promise<void> {
    reaction.wasApplied = true;
    reaction.isApplying = true;
    const changes = reaction.waiting.splice(0);
    for (let last = changes.pop(); last !== undefined; last = changes.pop()) {
      const { present } = last;
      const { isRepeat } = await settle(last, present);
      // The last one decides, unless it was applied earlier.
      if (!isRepeat) await Promise.all(changes.splice(0).map((change) => settle(change, present)));
    }
    reaction.isApplying = false;
    if (reaction.waiting.length === 0) this.#busy.delete(reaction.key);
    // Also renews how long it is remembered.
    this.#reactions.set(reaction.key, reaction);
    this.#advance(reaction, repeats);
  }

  #schedule(repeats: Repeats): void {
    const waitMs = Math.max(1, Math.ceil(repeats.bucket.waitMs(this.#now())));
    repeats.timer ??= setTimeout(() => {
      repeats.timer = undefined;
      for (const reaction of repeats.waiting) {
        if (repeats.bucket.waitMs(this.#now()) > 0) return this.#schedule(repeats);
        repeats.waiting.delete(reaction);
        this.#advance(reaction, repeats);
      }
    }, waitMs).unref();
  }
}

async function settle({ apply, result }: Change, present: boolean): Promise<{ readonly isRepeat: boolean }> {
  try {
    const { seq, isRepeat } = await apply(present);
    result.resolve({ seq });
    return { isRepeat };
  } catch (error) {
    result.reject(error);
    return { isRepeat: false };
  }
}
