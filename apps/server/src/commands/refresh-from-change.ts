import type { Change } from "../store/store.ts";
import type { Context } from "./context.ts";

/**
 * Tells this process's connections what another process did to the database (the CLI, a second server). Telling twice does
 * no harm: consumers look at what is, and readers drop by `seq` what they have.
 */
export async function refreshFromChange(
  { store, accounts, broadcasts }: Pick<Context, "store" | "accounts" | "broadcasts">,
  change: Change,
): Promise<void> {
  switch (change.kind) {
    case "room": {
      const room = await store.rooms.find(change.room);
      return room === undefined ? broadcasts.roomDeleted({ id: change.room }) : broadcasts.roomAltered(room);
    }
    case "log": {
      const room = await store.rooms.find(change.room);
      if (room === undefined) return;
      const events = await store.messages.eventsSince(change.room, change.seq - 1, FOLLOWED_EVENTS);
      const event = events?.find(({ seq }) => seq === change.seq);
      if (event !== undefined) await broadcasts.logged(room, event);
      return;
    }
    case "user": {
      accounts.forget(change.user);
      const account = await accounts.find(change.user);
      if (account?.active === true) return broadcasts.accountChanged(account);
      return broadcasts.sessionEnded(change.user, { session: null, banned: true });
    }
    case "session":
      accounts.forget(change.user);
      return broadcasts.sessionEnded(change.user, { session: change.session });
    case "settings":
      // The store reads settings afresh; no connection holds a copy.
      return;
  }
}

/** Events read to find one: more than this behind, the log is read by whoever misses something. */
const FOLLOWED_EVENTS = 500;
