import type { Me, RoomListEntry } from "@multichat/protocol";
import type { Clock } from "../core/clock.ts";
import { PERSISTED_VERSION, type PersistedClient, type PersistedRoom, type StoredRoom } from "./persisted-state.ts";
import type { StateStorage } from "./state-storage.ts";

/** Milliseconds between two writes: a busy room is not written for every message. */
const WRITE_EVERY = 1_000;
/** Milliseconds that reading may take before the client goes on without. */
const READ_PATIENCE = 2_000;
const CLIENT_KEY = "client";
const ROOM_PREFIX = "room:";

/** What there is to keep, asked for when it is written. `room`: undefined to remove it. */
export interface StateSource {
  client(): { readonly epoch: string; readonly me: Me; readonly rooms: readonly RoomListEntry[] } | undefined;
  room(id: string): PersistedRoom | undefined;
}

export interface PersistedState {
  readonly client: PersistedClient;
  readonly rooms: ReadonlyMap<string, PersistedRoom>;
}

/** Writes what changed, a little later and together, and reads it back after a reload. */
export class StatePersister {
  readonly #storage: StateStorage;
  readonly #clock: Clock;
  readonly #source: StateSource;
  readonly #failed: (error: unknown) => void;
  readonly #dirty = new Set<string>();
  #stopTimer: (() => void) | undefined;
  /** The keys that there are, as far as is known here: another client may have left some. undefined: not asked yet. */
  #stored: Set<string> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(storage: StateStorage, clock: Clock, source: StateSource, failed: (error: unknown) => void) {
    this.#storage = storage;
    this.#clock = clock;
    this.#source = source;
    this.#failed = failed;
  }

  /** What an earlier client left; undefined when there is nothing that can be used. */
  async read(): Promise<PersistedState | undefined> {
    const { promise: patience, resolve } = Promise.withResolvers<undefined>();
    const stop = this.#clock.after(READ_PATIENCE, () => resolve(undefined));
    try {
      const entries = await Promise.race([this.#storage.entries(), patience]);
      if (entries === undefined) return undefined;
      const client = entries.get(CLIENT_KEY);
      if (!isKeptClient(client)) {
        this.#write(() => this.#storage.clear());
        return undefined;
      }
      const rooms = new Map<string, PersistedRoom>();
      for (const [key, value] of entries) {
        if (!key.startsWith(ROOM_PREFIX)) continue;
        // Written by this version (the client's entry says so), so it has this shape.
        const room = value as StoredRoom;
        if (room.me === client.me.id && room.epoch === client.epoch) rooms.set(key.slice(ROOM_PREFIX.length), room);
        else this.#write(() => this.#storage.delete(key));
      }
      return { client, rooms };
    } catch (error) {
      this.#failed(error);
      return undefined;
    } finally {
      stop();
    }
  }

  /** These rooms there are for this person: what is kept of others goes, also what was not read in time. */
  listed(rooms: ReadonlySet<string>): void {
    this.#write(async () => {
      this.#stored ??= new Set((await this.#storage.entries()).keys());
      for (const key of this.#stored) {
        if (key.startsWith(ROOM_PREFIX) && !rooms.has(key.slice(ROOM_PREFIX.length))) await this.#delete(key);
      }
    });
  }

  clientChanged(): void {
    this.#soon(CLIENT_KEY);
  }

  roomChanged(id: string): void {
    this.#soon(`${ROOM_PREFIX}${id}`);
  }

  /** Removes everything. */
  async clear(): Promise<void> {
    this.#dirty.clear();
    this.#write(() => this.#storage.clear());
    await this.#writing;
  }

  /** Writes what waits, at once. */
  flush(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    const client = this.#client();
    for (const key of dirty) {
      const value = key === CLIENT_KEY ? client : this.#room(key.slice(ROOM_PREFIX.length), client);
      this.#write(() => (value === undefined ? this.#delete(key) : this.#put(key, value)));
    }
  }

  #client(): PersistedClient | undefined {
    const client = this.#source.client();
    return client === undefined ? undefined : { version: PERSISTED_VERSION, ...client };
  }

  #room(id: string, client: PersistedClient | undefined): StoredRoom | undefined {
    const room = this.#source.room(id);
    return room === undefined || client === undefined ? undefined : { ...room, me: client.me.id, epoch: client.epoch };
  }

  #soon(key: string): void {
    this.#dirty.add(key);
    this.#stopTimer ??= this.#clock.after(WRITE_EVERY, () => this.flush());
  }

  #put(key: string, value: unknown): Promise<void> {
    this.#stored?.add(key);
    return this.#storage.put(key, value);
  }

  #delete(key: string): Promise<void> {
    this.#stored?.delete(key);
    return this.#storage.delete(key);
  }

  #write(write: () => Promise<void>): void {
    this.#writing = this.#writing.then(write).catch(this.#failed);
  }
}

function isKeptClient(value: unknown): value is PersistedClient {
  return typeof value === "object" && value !== null && "version" in value && value.version === PERSISTED_VERSION;
}
