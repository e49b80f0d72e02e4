import type { Expression, Kysely, RawBuilder } from "kysely";
import type { PrepareStatement } from "./statement.ts";
import type { Tables } from "./tables.ts";

/** The context of a read: a connection, and the dialect of its database. */
export interface ReadContext {
  readonly db: Kysely<Tables>;
  readonly dialect: Dialect;
  /**
   * For databases within this process, which run a statement at once.
   * @default prepared queries are run by `db`
   */
  readonly prepare?: PrepareStatement;
  /**
   * Sends a statement at once, for databases that take a round trip for each: several can be under way, and run in the order in
   * which they were sent.
   *
   * @default prepared queries are run by `db`
   */
  readonly send?: SendStatement;
  /**
   * For connections that only read.
   * @default unread messages are counted by the database
   */
  readonly unreadCounter?: UnreadCounter;
}

/** Returns the rows of the statement. */
export type SendStatement = (sql: string, parameters: readonly unknown[]) => Promise<unknown[]>;

/** Counts unread messages by what a connection remembers of the rooms. */
export interface UnreadCounter {
  /** Counts from what is remembered. Returns undefined where that is not enough. */
  countKnown(query: UnreadQuery): number | undefined;
  /** Reads what is missing of some of the rooms. Returns the counts by room, without those that the database has to count. */
  readAndCount(context: ReadContext, queries: readonly UnreadQuery[]): Promise<ReadonlyMap<string, number>>;
}

/** The messages of others in a room after `readSeq`. */
export interface UnreadQuery {
  readonly room: string;
  /** The head of the room's log in this transaction. */
  readonly lastSeq: number;
  readonly readSeq: number;
  readonly user: string;
  /** The highest count: it means "or more". */
  readonly max: number;
}

/**
 * What differs between databases in the queries of the operations. The operations themselves are written in Kysely and in
 * SQL that SQLite and Postgres share; opening, migrating, checking and copying a database belong to each implementation.
 */
export interface Dialect {
  /** A subquery with one column, `value`: the elements of a JSON array of strings. */
  jsonElements(array: Expression<string>): RawBuilder<string>;
  /** A subquery with one column, `value`: the elements of a JSON array of integers. */
  jsonNumbers(array: Expression<string>): RawBuilder<number>;
  /** A subquery with the columns `name` and `number`: the elements of a JSON array of pairs of a string and an integer. */
  jsonPairs(array: Expression<string>): RawBuilder<{ name: string; number: number }>;
  /** A subquery with one value: the `column` of a query's rows as a JSON array, in their order. */
  jsonArrayFrom(column: string, rows: Expression<unknown>): RawBuilder<string>;
  /** The largest of several values. */
  greatest(...values: Expression<number>[]): RawBuilder<number>;
  /** The smaller of two values. */
  least(a: Expression<number>, b: Expression<number>): RawBuilder<number>;
  /** Whether ids that a transaction has generated are missing after it was rolled back. */
  readonly rollbacksLeaveGaps: boolean;
  readonly fullText: FullTextIndex;
}

/** The full-text index of the messages, which holds their words by their row ids (`n`). */
export interface FullTextIndex {
  /** Replaces what is indexed of these messages. Their row ids ascend. */
  replace(context: ReadContext, entries: readonly FullTextEntry[]): Promise<void>;
  /** Does nothing where the message is not indexed. */
  delete(context: ReadContext, n: number): Promise<void>;
  /** Returns at most `limit` messages below the row id `below`, newest first. */
  findCandidates(context: ReadContext, query: FullTextQuery): Promise<readonly FullTextCandidate[]>;
}

/** Words consist of letters, digits and marks alone. */
export interface FullTextEntry {
  readonly n: number;
  /** Words that stand for the room, the author and the month. */
  readonly labels: readonly string[];
  /** The words of the message, in order. */
  readonly words: readonly string[];
}

export interface FullTextQuery {
  /** Each has to occur in the message. */
  readonly phrases: readonly FullTextPhrase[];
  /** One label of each group has to be the message's. */
  readonly labels: readonly (readonly string[])[];
  readonly below: number;
  readonly limit: number;
  /** Whether a candidate is a match depends on these; they do not limit which candidates are returned. */
  readonly filter: FullTextFilter;
}

export interface FullTextPhrase {
  /** Words that follow each other. */
  readonly words: readonly string[];
  /** Words that may stand in place of these. */
  readonly otherWords?: readonly string[];
  /** Whether the last word may be the beginning of a word. */
  readonly isPrefix: boolean;
}

export interface FullTextFilter {
  readonly rooms: readonly string[];
  readonly author: string | undefined;
  /** Milliseconds since 1970: after <= created_at < before. */
  readonly after: number;
  readonly before: number;
}

export interface FullTextCandidate {
  readonly n: number;
  readonly isMatch: boolean;
}
