import type { Context } from "../context.ts";
import type { StoreChange } from "../store/store.ts";

/**
 * Tells what another process did to the database (the CLI, a second server). Every server hears of it, so each tells its
 * own connections who may do what now, also when the one that changed it has told them already, or did not live to: twice
 * does no harm, consumers look at what is. An event of a log is told to everybody, by the one that claims it.
 */
export async function publishChange(
  { store, accounts, broadcasts }: Pick<Context, "store" | "accounts" | "broadcasts">,
  change: StoreChange,
): Promise<void> {
  const { local: here } = broadcasts;
  switch (change.kind) {
    case "room": {
      const room = await store.rooms.find(change.room);
      return room === undefined ? here.publishRoomDeletion({ id: change.room }) : here.publishRoomChange(room);
    }
    case "member": {
      const room = await store.rooms.find(change.room);
      if (room === undefined) return here.publishRoomDeletion({ id: change.room });
      return here.publishMemberChange(
        room,
        change.user,
        (await store.members.find({ room: room.id, user: change.user })) ?? null,
      );
    }
    case "log": {
      const room = await store.rooms.find(change.room);
      if (room === undefined) return;
      const events = await store.eventLog.readSince({
        room: change.room,
        since: change.seq - 1,
        limit: MAX_EVENTS_READ,
      });
      const event = events?.find(({ seq }) => seq === change.seq);
      if (event !== undefined) await broadcasts.publishLogEventOnce(room, event);
      return;
    }
    case "user": {
      accounts.clearCache(change.user);
      const account = await accounts.find(change.user);
      if (account?.active === true) return here.publishAccountChange(account);
      return here.publishSessionEnd(change.user, { session: null, banned: true });
    }
    case "session":
      accounts.clearCache(change.user);
      return here.publishSessionEnd(change.user, { session: change.session });
    case "settings":
      // The store reads settings afresh; no connection holds a copy.
      return;
  }
}

/** Events read to find one: more than this behind, the log is read by whoever misses something. */
const MAX_EVENTS_READ = 500;
