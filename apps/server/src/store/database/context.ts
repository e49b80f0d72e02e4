import type { Kysely } from "kysely";
import type { StoreChange } from "../store.ts";
import type { Tables } from "./tables.ts";

/** What an operation that writes works with. It runs in a savepoint of its own inside a transaction of many. */
export interface WriteContext {
  readonly db: Kysely<Tables>;
  /** Which process writes: the others skip what they wrote themselves. */
  readonly origin: string;
  /** Milliseconds since 1970, the same for the whole transaction. */
  readonly now: number;
  /** How far the logs of rooms have grown in this transaction; told to other processes as one row a room. */
  readonly tails: Map<string, number>;
  /** The months of what was indexed for the search in this transaction. */
  readonly months: Set<string>;
}

/** Writes down for the other processes what happens in this transaction. */
export async function recordChange(context: WriteContext, { kind, ...data }: StoreChange): Promise<void> {
  await context.db
    .insertInto("change")
    .values({ origin: context.origin, kind, data: JSON.stringify(data), at: context.now })
    .execute();
}
