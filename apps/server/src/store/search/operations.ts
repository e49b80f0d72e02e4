import { read, search } from "../database/operation.ts";
import { countUnindexed, hasUnindexed, hasUnindexedOf, isBehind } from "./index-queue.ts";
import { searchMessages } from "./search-messages.ts";

export const searchOperations = {
  /**
   * Returns matches newest first; undefined where the cursor was not issued by a search. The cost is bounded: a page may
   * hold fewer matches than asked for, or none, and still a cursor.
   */
  find: search(searchMessages),
  /** Returns how many messages cannot be found yet; they are being indexed. */
  countUnindexed: read(countUnindexed),
  hasUnindexed: read(hasUnindexed),
  /** Returns whether messages of these rooms cannot be found yet. */
  isBehind: read(isBehind),
  hasUnindexedOf: read(hasUnindexedOf),
};
