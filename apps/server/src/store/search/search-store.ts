import { setTimeout } from "node:timers/promises";
import type { StoreOperations } from "../operations.ts";
import type { SearchStore } from "../store.ts";

/** How long a search waits until the viewer's own latest messages are indexed, which mostly takes a few milliseconds. */
const INDEX_WAIT_MS = 500;
const INDEX_POLL_MS = 5;

/** Makes a search find what its viewer has just posted. */
export function createSearchStore({ search }: StoreOperations): SearchStore {
  return {
    ...search,
    find: async (args) => {
      const deadline = performance.now() + INDEX_WAIT_MS;
      while ((await search.hasUnindexedOf({ author: args.viewer })) && performance.now() < deadline) {
        await setTimeout(INDEX_POLL_MS);
      }
      return search.find(args);
    },
  };
}
