import type { LogEvent } from "@multichat/protocol";
import { LRUCache } from "lru-cache";
import type { Context } from "../context.ts";
import type { SubscribedRoom } from "./subscribed-room.ts";

/** Characters of all cached events. */
const MAX_CACHED_CHARS = 4_000_000;
/** After it, events are read again, whatever has or has not been noticed. */
const MAX_AGE_MS = 60_000;

/** The part of the store that is read. */
interface EventStore {
  readonly eventLog: Pick<Context["store"]["eventLog"], "readMissed">;
}

export interface MissedEventsLimits {
  /** Events of a room. */
  readonly events: number;
  /** UTF-8 bytes of the bodies in them. */
  readonly bodyBytes: number;
}

/** Undefined where they cannot be replayed. It may be shared and must not be modified. */
export type Missed = readonly LogEvent[] | undefined;

type Position = Pick<SubscribedRoom, "id" | "lastSeq"> & { readonly since: number };

interface CachedEvents {
  readonly lastSeq: number;
  readonly events: Missed;
}

/**
 * The events that connections have missed in rooms, which are the same for all viewers: after a restart, or when a network comes
 * back, thousands of clients have missed the same. They are read once for all of them, and their JSON goes into all answers as the
 * database thread made it. Every change of a message is an event of its room's log, so what was read is valid until the log has
 * grown, or an author's name has changed.
 */
export class MissedEvents {
  readonly #store: EventStore;
  readonly #limits: MissedEventsLimits;
  readonly #events = new LRUCache<string, CachedEvents>({ maxSize: MAX_CACHED_CHARS, ttl: MAX_AGE_MS });
  readonly #texts = new WeakMap<readonly LogEvent[], string>();
  readonly #pending = new Map<string, Promise<Missed>>();
  /** Counts what makes reads under way outdated. */
  #generation = 0;

  constructor(store: EventStore, limits: MissedEventsLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /** Returns the events of each position, in their order, complete up to its `lastSeq` at least. All are read at once. */
  read(positions: readonly Position[]): Promise<readonly Missed[]> {
    const unread: { readonly position: Position; readonly key: string; readonly at: number }[] = [];
    const results = positions.map((position, index): Missed | Promise<Missed> => {
      const cached = this.#events.get(cacheKey(position));
      if (cached?.lastSeq === position.lastSeq) return cached.events;
      const key = `${cacheKey(position)} ${position.lastSeq}`;
      const pending = this.#pending.get(key);
      if (pending === undefined) unread.push({ position, key, at: index });
      return pending;
    });
    if (unread.length > 0) {
      const loaded = this.#load(unread.map(({ position }) => position));
      for (const [index, { key, at }] of unread.entries()) {
        const events = loaded.then((all) => all[index]);
        results[at] = events;
        this.#pending.set(key, events);
      }
      const generation = this.#generation;
      const forget = () => {
        if (generation === this.#generation) for (const { key } of unread) this.#pending.delete(key);
      };
      loaded.then(forget, forget);
    }
    return Promise.all(results);
  }

  /** Returns events that it has read as JSON; undefined for any others. */
  textOf(events: readonly LogEvent[]): string | undefined {
    return this.#texts.get(events);
  }

  /** Forgets all events, because a name has changed that they may show. */
  clear(): void {
    this.#generation += 1;
    this.#events.clear();
    this.#pending.clear();
  }

  async #load(positions: readonly Position[]): Promise<readonly Missed[]> {
    const generation = this.#generation;
    const { events: limit, bodyBytes: maxBodyBytes } = this.#limits;
    const query = { positions: positions.map(({ id, since }) => ({ room: id, since })), limit, maxBodyBytes };
    const texts = await this.#store.eventLog.readMissed(query);
    return positions.map((position, index) => {
      const text = texts[index];
      // Made from events by the store.
      const events = text === undefined ? undefined : (JSON.parse(text) as readonly LogEvent[]);
      if (events !== undefined && text !== undefined) this.#texts.set(events, text);
      if (generation === this.#generation) {
        const size = 1 + (text?.length ?? 0);
        this.#events.set(cacheKey(position), { lastSeq: position.lastSeq, events }, { size });
      }
      return events;
    });
  }
}

function cacheKey({ id, since }: Pick<Position, "id" | "since">): string {
  return `${id} ${since}`;
}
