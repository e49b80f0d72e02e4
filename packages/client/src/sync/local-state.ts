import type { Me, RoomListEntry } from "@multichat/protocol";
import type { ServerLimits } from "../model/server-limits.ts";
import type { Session } from "../model/session.ts";
import type { OutboxQueue } from "../outbox/outbox-queue.ts";
import type { PresenceStore } from "../presence/presence-store.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import type { Rooms } from "../room/rooms.ts";
import type { PersistedState } from "../storage/persisted-state.ts";
import type { StatePersister } from "../storage/state-persister.ts";
import type { RetryingRequests } from "../transport/retrying-requests.ts";
import type { IdleRooms } from "./idle-rooms.ts";
import type { PreferenceStore } from "./preference-store.ts";

export interface LocalStateParts {
  readonly session: Session;
  readonly serverLimits: ServerLimits;
  readonly directory: RoomDirectory;
  readonly rooms: Rooms;
  readonly outbox: OutboxQueue;
  readonly presence: PresenceStore;
  readonly preferences: PreferenceStore;
  readonly retryingRequests: RetryingRequests;
  readonly persister: StatePersister | undefined;
}

/** Everything that the client knows from the server: restored after a reload, and forgotten with the user or the logs it is of. */
export class LocalState {
  readonly #parts: LocalStateParts;
  readonly #idleRooms: IdleRooms;
  #restoring: Promise<void> | undefined;

  constructor(parts: LocalStateParts, idleRooms: IdleRooms) {
    this.#parts = parts;
    this.#idleRooms = idleRooms;
  }

  /** Reads the persisted state, the first time that it is called. */
  restore(): Promise<void> {
    this.#restoring ??= this.#restore();
    return this.#restoring;
  }

  /** The connection belongs to this user. If another user was signed in before, everything of theirs is forgotten first. */
  signIn(me: Me): void {
    const { session, outbox, retryingRequests, persister } = this.#parts;
    if (session.userId !== undefined && session.userId !== me.id) {
      this.#forgetUser();
      void persister?.clear();
    }
    session.setUser(me);
    persister?.saveClient();
    outbox.userConnected(me.id);
    retryingRequests.userConnected(me.id);
  }

  /** Forgets the user and all rooms, in memory and in the storage. Unsent messages stay, for their author. */
  async forget(): Promise<void> {
    this.#forgetUser();
    await this.#parts.persister?.clear();
  }

  /** An answer is of the logs with this epoch. If they are not the known ones, everything of those is forgotten. */
  useEpoch(epoch: string): void {
    const { session, rooms, directory, outbox } = this.#parts;
    if (session.epoch !== undefined && session.epoch !== epoch) {
      for (const room of rooms) room.forget();
      directory.forgetEntries();
      outbox.logsReplaced();
    }
    session.epoch = epoch;
  }

  /** Applies the server's whole list. Known rooms that are missing from it are gone. */
  applyRoomList(entries: readonly RoomListEntry[]): void {
    const { directory, rooms, persister } = this.#parts;
    directory.replace(entries);
    for (const room of rooms) {
      const entry = directory.findById(room.id);
      if (entry !== undefined) {
        if (room.seq !== undefined) room.applyDescription(entry, { counts: entry, membership: entry });
      } else if (!room.isOpen && room.isKnown) this.markRoomGone(room.id);
    }
    persister?.deleteOtherRooms(new Set(directory.get().rooms.map(({ id }) => id)));
    persister?.saveClient();
  }

  /** The room was taken away from the user. */
  markRoomGone(id: string): void {
    const { rooms, persister } = this.#parts;
    rooms.find(id)?.markGone(null);
    persister?.saveRoom(id, () => rooms.find(id)?.persistedState());
    persister?.saveClient();
  }

  async #restore(): Promise<void> {
    const { persister, session } = this.#parts;
    const persisted = await persister?.read();
    if (persisted !== undefined && session.user === null) this.#use(persisted);
  }

  #use({ client, rooms: persistedRooms }: PersistedState): void {
    const { session, serverLimits, directory, rooms, preferences } = this.#parts;
    session.setUser(client.me);
    if (client.limits !== undefined && !serverLimits.areKnown) serverLimits.report(client.limits);
    session.epoch ??= client.epoch;
    directory.restore(client.rooms);
    preferences.restore(client.preferences ?? []);
    for (const [id, persistedRoom] of persistedRooms) {
      const room = rooms.get(id);
      room.restore(persistedRoom);
      if (!room.isOpen) this.#idleRooms.add(room);
    }
  }

  #forgetUser(): void {
    const { session, rooms, directory, presence, preferences } = this.#parts;
    session.setUser(null);
    session.epoch = undefined;
    for (const room of rooms) room.forget();
    directory.clear();
    presence.forget();
    preferences.forget();
  }
}
