import type { ReadContext, UnreadCounter, UnreadQuery } from "../database/dialect.ts";
import { prepared } from "../database/prepared.ts";

/** Messages remembered of each room: somewhat more than a count can show, for those that it leaves out. */
const REMEMBERED = 128;
/** Rooms whose messages are read for one list: until all are known, the others are counted by the database. */
const MAX_READS = 50;

export interface RecentMessagesOptions {
  /** Rooms that are remembered, of about 2 KB each; with more, the longest unused one is forgotten. @default 4_000 */
  readonly maxRooms?: number;
}

const DEFAULT_MAX_ROOMS = 4_000;
/** Authors with a number; with more, everything is forgotten. */
const MAX_AUTHORS = 50_000;
/** The number of a message without an author, and that of a reader who is the author of none. */
const NO_AUTHOR = -1;
const NO_MESSAGES = -2;

const selectLatest = prepared<
  { room: string; limit: number },
  { seq: number; author: string | null; deleted_at: number | null }
>((db, param) =>
  db
    .selectFrom("message")
    .select(["seq", "author", "deleted_at"])
    .where("room", "=", param("room"))
    .orderBy("seq", "desc")
    .limit(param("limit")),
);

const selectEvents = prepared<
  { room: string; since: number; limit: number },
  { seq: number; kind: string; actor: string | null }
>((db, param) =>
  db
    .selectFrom("event")
    .select(["seq", "kind", "actor"])
    .where("room", "=", param("room"))
    .where("seq", ">", param("since"))
    .orderBy("seq")
    .limit(param("limit")),
);

/** The latest messages of a room that are not deleted, newest last, as they were at a seq of its log. */
interface RecentRoom {
  lastSeq: number;
  readonly seqs: number[];
  /** Numbers, which are compared faster than ids. */
  readonly authors: number[];
  /** Whether the room has no older messages than these. */
  isComplete: boolean;
}

/**
 * The latest messages of the rooms that are listed, so that a list of a thousand rooms need not read a hundred messages of each
 * to count those that are unread. Every change of a message is an event of its room's log, so they are valid until the log has
 * grown, and the events since bring them up to date. For one connection that reads: what a transaction has not committed must
 * not be remembered.
 */
export class RecentMessages implements UnreadCounter {
  readonly #rooms = new Map<string, RecentRoom>();
  readonly #authors = new Map<string, number>();
  readonly #maxRooms: number;

  constructor({ maxRooms = DEFAULT_MAX_ROOMS }: RecentMessagesOptions = {}) {
    this.#maxRooms = maxRooms;
  }

  countKnown(query: UnreadQuery): number | undefined {
    const { room, lastSeq, readSeq } = query;
    if (lastSeq <= readSeq) return 0;
    const recent = this.#rooms.get(room);
    return recent?.lastSeq === lastSeq ? this.#count(recent, query) : undefined;
  }

  async readAndCount(context: ReadContext, queries: readonly UnreadQuery[]): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    let reads = 0;
    // At the same time, because some databases take a round trip for each.
    await Promise.all(
      queries.map(async (query) => {
        const { room, lastSeq } = query;
        let recent = this.#rooms.get(room);
        // Already counted by `countKnown`: more messages are needed than are remembered.
        if (recent?.lastSeq === lastSeq) return;
        if (recent === undefined || recent.lastSeq > lastSeq || !(await this.#append(context, recent, room, lastSeq))) {
          if (reads >= MAX_READS) return;
          reads += 1;
          recent = await this.#load(context, room, lastSeq);
        }
        const count = this.#count(recent, query);
        if (count !== undefined) counts.set(room, count);
      }),
    );
    return counts;
  }

  #remember(room: string, recent: RecentRoom): void {
    // The last one in the order of the map is the latest one that was read as a whole.
    this.#rooms.delete(room);
    const [oldest] = this.#rooms.size >= this.#maxRooms ? this.#rooms.keys() : [];
    if (oldest !== undefined) this.#rooms.delete(oldest);
    this.#rooms.set(room, recent);
  }

  #count(recent: RecentRoom, { readSeq, user, max }: UnreadQuery): number | undefined {
    const { seqs, authors, isComplete } = recent;
    const own = this.#authors.get(user) ?? NO_MESSAGES;
    let unread = 0;
    for (let index = seqs.length - 1; index >= 0; index -= 1) {
      if ((seqs[index] ?? 0) <= readSeq) return unread;
      if (authors[index] === own) continue;
      unread += 1;
      if (unread >= max) return unread;
    }
    return isComplete ? unread : undefined;
  }

  /** The numbers are only given out again when no room has one. */
  #forgetIfFull(): void {
    if (this.#authors.size < MAX_AUTHORS) return;
    this.#authors.clear();
    this.#rooms.clear();
  }

  async #load(context: ReadContext, room: string, lastSeq: number): Promise<RecentRoom> {
    const rows = await selectLatest(context, { room, limit: REMEMBERED });
    // From here on at once: another room can forget the numbers of the authors.
    this.#forgetIfFull();
    const shown = rows.filter(({ deleted_at }) => deleted_at === null).reverse();
    const recent = {
      lastSeq,
      seqs: shown.map(({ seq }) => seq),
      authors: shown.map(({ author }) => this.#numberOf(author)),
      isComplete: rows.length < REMEMBERED,
    };
    this.#remember(room, recent);
    return recent;
  }

  /** Adds what was posted since. @returns false where the room has to be read again */
  async #append(context: ReadContext, recent: RecentRoom, room: string, lastSeq: number): Promise<boolean> {
    const since = recent.lastSeq;
    if (lastSeq - since >= REMEMBERED || this.#authors.size >= MAX_AUTHORS) return false;
    const events = await selectEvents(context, { room, since, limit: REMEMBERED });
    // Another call of the same transaction may have added them meanwhile.
    if (recent.lastSeq !== since) return recent.lastSeq === lastSeq;
    if (events.at(-1)?.seq !== lastSeq || events.some(({ kind }) => kind === "message.deleted")) return false;
    for (const { seq, kind, actor } of events) {
      if (kind !== "message.posted") continue;
      recent.seqs.push(seq);
      recent.authors.push(this.#numberOf(actor));
    }
    const excess = recent.seqs.length - REMEMBERED;
    if (excess > 0) {
      recent.seqs.splice(0, excess);
      recent.authors.splice(0, excess);
      recent.isComplete = false;
    }
    recent.lastSeq = lastSeq;
    return true;
  }

  #numberOf(author: string | null): number {
    if (author === null) return NO_AUTHOR;
    const known = this.#authors.get(author);
    if (known !== undefined) return known;
    const number = this.#authors.size;
    this.#authors.set(author, number);
    return number;
  }
}
