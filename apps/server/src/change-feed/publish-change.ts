import type { Context } from "../context.ts";
import type { StoreChange } from "../store/store.ts";

/** Events read to find a single one. A process that is further behind leaves the event to clients, which detect the gap. */
const MAX_EVENTS_READ = 500;

/**
 * Publishes a change that another process (the CLI, a second server) has made in the database. Every server reads the same
 * change and publishes what it means for access to its own connections. That may repeat an event of the other process, which
 * is harmless because consumers check the current state. A log event goes to everybody, from the one server that claims it.
 */
export async function publishChange(
  { store, accounts, broadcasts }: Pick<Context, "store" | "accounts" | "broadcasts">,
  change: StoreChange,
): Promise<void> {
  const { local } = broadcasts;
  switch (change.kind) {
    case "room": {
      const room = await store.rooms.find(change.room);
      return room === undefined ? local.publishRoomDeletion({ id: change.room }) : local.publishRoomChange(room);
    }
    case "member": {
      const room = await store.rooms.find(change.room);
      if (room === undefined) return local.publishRoomDeletion({ id: change.room });
      const member = await store.members.find({ room: room.id, user: change.user });
      return local.publishMemberChange(room, change.user, member ?? null);
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
      if (account?.active === true) return local.publishAccountChange(account);
      return local.publishSessionEnd(change.user, { session: null, banned: true });
    }
    case "session": {
      accounts.clearCache(change.user);
      // A deactivation ends the sessions too, and its own change may come later.
      const account = await accounts.find(change.user);
      return local.publishSessionEnd(change.user, { session: change.session, banned: account?.active !== true });
    }
    case "audit":
    case "settings":
      // No connection holds a copy, and the store reads them again.
      return;
  }
}
