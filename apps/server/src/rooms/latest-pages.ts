import type { HistoryPage } from "@multichat/protocol";
import { LRUCache } from "lru-cache";
import type { Context } from "../context.ts";
import type { StoredRoom } from "../store/store.ts";

/** Characters of all cached pages. */
const MAX_CACHED_CHARS = 8_000_000;
/** After it, a page is read again, whatever has or has not been noticed. */
const MAX_AGE_MS = 60_000;

/** The part of the store that is read. */
interface PageStore {
  readonly messages: Pick<Context["store"]["messages"], "readHistory">;
}

interface CachedPage {
  readonly lastSeq: number;
  /** Null where the page is not the same for all viewers, because it contains reactions. */
  readonly page: HistoryPage | null;
}

interface PendingPage {
  readonly viewer: string;
  readonly page: Promise<HistoryPage>;
}

/**
 * The latest page of rooms, which every connection reads that joins one for the first time: read once for all viewers, and as
 * JSON once for all answers. Every change of a message is an event of its room's log, so a page is valid until the log has
 * grown, or an author's name has changed.
 */
export class LatestPages {
  readonly #store: PageStore;
  readonly #limit: number;
  readonly #pages = new LRUCache<string, CachedPage>({ maxSize: MAX_CACHED_CHARS, ttl: MAX_AGE_MS });
  readonly #texts = new WeakMap<HistoryPage, string>();
  readonly #pending = new Map<string, PendingPage>();
  /** Counts what makes reads under way outdated. */
  #generation = 0;

  /** @param limit The number of messages in a page. */
  constructor(store: PageStore, limit: number) {
    this.#store = store;
    this.#limit = limit;
  }

  /** Returns the latest page of a room, complete up to `lastSeq` at least. It may be shared and must not be modified. */
  async read({ id, lastSeq }: Pick<StoredRoom, "id" | "lastSeq">, viewer: string): Promise<HistoryPage> {
    const cached = this.#pages.get(id);
    if (cached?.lastSeq === lastSeq) return cached.page ?? this.#read(id, viewer);
    const key = `${id} ${lastSeq}`;
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = { viewer, page: this.#load({ id, lastSeq }, viewer) };
      this.#pending.set(key, pending);
    }
    const page = await pending.page;
    return pending.viewer === viewer || isSameForAll(page) ? page : this.#read(id, viewer);
  }

  /** Returns a shared page as JSON; undefined for any other. */
  textOf(page: HistoryPage): string | undefined {
    return this.#texts.get(page);
  }

  /** Forgets all pages, because a name has changed that they may show. */
  clear(): void {
    this.#generation += 1;
    this.#pages.clear();
    this.#pending.clear();
  }

  async #load({ id, lastSeq }: Pick<StoredRoom, "id" | "lastSeq">, viewer: string): Promise<HistoryPage> {
    const generation = this.#generation;
    try {
      const page = await this.#read(id, viewer);
      if (generation === this.#generation) this.#cache(id, lastSeq, page);
      return page;
    } finally {
      if (generation === this.#generation) this.#pending.delete(`${id} ${lastSeq}`);
    }
  }

  #cache(id: string, lastSeq: number, page: HistoryPage): void {
    if (!isSameForAll(page)) {
      this.#pages.set(id, { lastSeq, page: null }, { size: 1 });
      return;
    }
    const text = JSON.stringify(page);
    this.#texts.set(page, text);
    this.#pages.set(id, { lastSeq, page }, { size: text.length });
  }

  #read(room: string, viewer: string): Promise<HistoryPage> {
    return this.#store.messages.readHistory({ room, limit: this.#limit, viewer });
  }
}

/** Whether a page is the same for every viewer: a reaction says whether it is the viewer's own. */
function isSameForAll({ messages }: HistoryPage): boolean {
  return messages.every(({ reactions }) => reactions.length === 0);
}
