import type { Clock } from "../core/clock.ts";
import type { RoomList } from "../model/room-list.ts";
import type { RoomPreferences } from "../model/room-preferences.ts";
import type { ServerLimits } from "../model/server-limits.ts";
import type { Session } from "../model/session.ts";
import {
  PERSISTED_VERSION,
  type PersistedClient,
  type PersistedRoom,
  type PersistedState,
  type StoredRoom,
} from "./persisted-state.ts";
import type { StateStorage } from "./state-storage.ts";

/** The time between two writes: a busy room is not written for every message. */
const WRITE_INTERVAL_MS = 1_000;
/** How long reading can take before the client continues without persisted state. */
const READ_TIMEOUT_MS = 2_000;
const CLIENT_KEY = "client";
const ROOM_PREFIX = "room:";

export interface StatePersisterOptions {
  readonly storage: StateStorage;
  readonly clock: Clock;
  readonly session: Session;
  readonly serverLimits: ServerLimits;
  readonly roomList: RoomList;
  readonly preferences: RoomPreferences;
  readonly onStorageError: (error: unknown) => void;
}

/** Returns what is to be stored of a room; undefined to delete it. */
export type RoomSource = () => PersistedRoom | undefined;

/** Writes what has changed, in batches, and reads it back after a reload. */
export class StatePersister {
  readonly #options: StatePersisterOptions;
  /** What has changed since the last write, by key. Values are read when they are written. */
  readonly #changed = new Map<string, RoomSource | undefined>();
  #stopTimer: (() => void) | undefined;
  /** The keys in the storage, as far as known: another client may have left some. undefined: not read yet. */
  #storedKeys: Set<string> | undefined;
  /** Writes are made one after the other. */
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(options: StatePersisterOptions) {
    this.#options = options;
  }

  /** Resolves with what an earlier client has persisted; undefined when there is nothing usable. */
  async read(): Promise<PersistedState | undefined> {
    const { storage, clock, onStorageError } = this.#options;
    const { promise: timeout, resolve } = Promise.withResolvers<undefined>();
    const stopTimer = clock.after(READ_TIMEOUT_MS, () => resolve(undefined));
    try {
      const entries = await Promise.race([storage.entries(), timeout]);
      return entries === undefined ? undefined : this.#parse(entries);
    } catch (error) {
      onStorageError(error);
      return undefined;
    } finally {
      stopTimer();
    }
  }

  saveClient(): void {
    this.#writeSoon(CLIENT_KEY, undefined);
  }

  saveRoom(id: string, source: RoomSource): void {
    this.#writeSoon(`${ROOM_PREFIX}${id}`, source);
  }

  /** Deletes all rooms but these from the storage, including rooms that were not read in time. */
  deleteOtherRooms(ids: ReadonlySet<string>): void {
    this.#write(async () => {
      this.#storedKeys ??= new Set((await this.#options.storage.entries()).keys());
      for (const key of this.#storedKeys) {
        if (key.startsWith(ROOM_PREFIX) && !ids.has(key.slice(ROOM_PREFIX.length))) await this.#delete(key);
      }
    });
  }

  /** Deletes everything. */
  async clear(): Promise<void> {
    this.#changed.clear();
    this.#write(() => this.#options.storage.clear());
    await this.#lastWrite;
  }

  /** Writes all changes now. */
  flush(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const changed = [...this.#changed];
    this.#changed.clear();
    const client = this.#client();
    for (const [key, source] of changed) {
      const value = source === undefined ? client : toStoredRoom(source(), client);
      this.#write(() => (value === undefined ? this.#delete(key) : this.#put(key, value)));
    }
  }

  #parse(entries: ReadonlyMap<string, unknown>): PersistedState | undefined {
    const { storage } = this.#options;
    const client = entries.get(CLIENT_KEY);
    if (!isPersistedClient(client)) {
      this.#write(() => storage.clear());
      return undefined;
    }
    const rooms = new Map<string, PersistedRoom>();
    for (const [key, value] of entries) {
      if (!key.startsWith(ROOM_PREFIX)) continue;
      // The client's entry has this version, so the rooms have this shape.
      const room = value as StoredRoom;
      if (room.me === client.me.id && room.epoch === client.epoch) rooms.set(key.slice(ROOM_PREFIX.length), room);
      else this.#write(() => storage.delete(key));
    }
    return { client, rooms };
  }

  #client(): PersistedClient | undefined {
    const { session, serverLimits, roomList, preferences } = this.#options;
    const { epoch, user: me } = session;
    if (epoch === undefined || me === null) return undefined;
    return {
      version: PERSISTED_VERSION,
      epoch,
      me,
      rooms: roomList.get().rooms,
      limits: serverLimits.reported,
      preferences: [...preferences.get().values()],
    };
  }

  #writeSoon(key: string, source: RoomSource | undefined): void {
    this.#changed.set(key, source);
    this.#stopTimer ??= this.#options.clock.after(WRITE_INTERVAL_MS, () => this.flush());
  }

  #put(key: string, value: unknown): Promise<void> {
    this.#storedKeys?.add(key);
    return this.#options.storage.put(key, value);
  }

  #delete(key: string): Promise<void> {
    this.#storedKeys?.delete(key);
    return this.#options.storage.delete(key);
  }

  #write(write: () => Promise<void>): void {
    this.#lastWrite = this.#lastWrite.then(write).catch(this.#options.onStorageError);
  }
}

function toStoredRoom(room: PersistedRoom | undefined, client: PersistedClient | undefined): StoredRoom | undefined {
  return room === undefined || client === undefined ? undefined : { ...room, me: client.me.id, epoch: client.epoch };
}

function isPersistedClient(value: unknown): value is PersistedClient {
  return typeof value === "object" && value !== null && "version" in value && value.version === PERSISTED_VERSION;
}
