import { withCaches } from "./cache/cached-operations.ts";
import type { ChangeDispatcher } from "./change-feed/change-dispatcher.ts";
import type { StoreOperations } from "./operations.ts";
import type { AccountStore } from "./people/account-store.ts";
import { createStatementDialect, type StatementLanguage } from "./people/statement-dialect.ts";
import type { RoomCache } from "./rooms/room-cache.ts";
import { createSearchStore } from "./search/search-store.ts";
import type { ChatStore } from "./store.ts";

/** What a database brings to the store. */
export interface StoreParts extends Pick<ChatStore, "epoch" | "releaseMemory" | "close"> {
  readonly operations: StoreOperations;
  /** Holds every room that is not deleted. */
  readonly rooms: RoomCache;
  readonly dispatcher: ChangeDispatcher;
  /** Reads what other processes have committed. */
  readonly poll: () => void;
  readonly language: StatementLanguage;
  /** How sessions are found. @default by the operation */
  readonly findSession?: AccountStore["findSession"];
}

/** Puts the store together: the same for every database. */
export function createStore({
  operations,
  rooms,
  dispatcher,
  poll,
  language,
  findSession,
  ...parts
}: StoreParts): ChatStore {
  const { people, statements, maintenance } = operations;
  return {
    ...parts,
    ...withCaches(operations, rooms),
    search: createSearchStore(operations),
    markers: operations.markers,
    files: operations.files,
    preferences: operations.preferences,
    settings: operations.settings,
    audit: { ...operations.audit, onAppended: (listener) => dispatcher.onAudit(listener) },
    changes: {
      ...operations.changes,
      poll,
      onChange: (listener) => dispatcher.onChange(listener),
      onLogGrown: (listener) => dispatcher.onLogGrown(listener),
    },
    people: {
      ...people,
      change: async (change) => {
        const changed = await people.change(change);
        await dispatcher.reloadDirectRooms(change.id);
        return changed;
      },
      acceptInvitation: async (invited) => {
        const accepted = await people.acceptInvitation(invited);
        if (typeof accepted === "string" || accepted.outcome === "stale") return accepted;
        for (const joined of accepted.joined) if (joined.outcome === "changed") rooms.upsert(joined.room);
        return accepted;
      },
      ...(findSession === undefined ? {} : { findSession }),
      openDialect: (auditOf) => createStatementDialect(language, statements, auditOf),
      onChange: (listener) => dispatcher.onAccountChange(listener),
    },
    check: async () => {
      await Promise.all([maintenance.checkRead(), maintenance.checkWrite()]);
    },
  };
}
