import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { uuidv7 } from "uuidv7";
import type { AccountStore } from "../account-store.ts";
import type { Heard } from "../sql/changes.ts";
import type { Migrated } from "../sql/migrations.ts";
import type { Change, ChangeFeed, MarkerStore, MessageStore, RoomStore, SettingStore, Store } from "../store.ts";
import { StoreError, toStoreError } from "../store-error.ts";
import { AccountRows } from "./account-rows.ts";
import type { Reads, Writes } from "./operations.ts";
import { type ResolvedOptions, resolveOptions, type SqliteStoreOptions } from "./options.ts";
import { RoomsInMemory } from "./rooms-in-memory.ts";
import { SessionLookup } from "./session-lookup.ts";
import type { WorkerOptions } from "./wire.ts";
import { WorkerClient, type WorkerEvents } from "./worker-client.ts";

/** The store, and the rows behind the accounts. */
export interface Database extends Store {
  readonly people: AccountStore;
}

/**
 * Opens the database, brings its schema up to date, and starts one thread that writes and one that reads.
 *
 * @throws StoreError `newer`: the file is of a newer version; `cannot-open`, `readonly`, `corrupt`: as the message says.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Database> {
  const resolved = await prepare(options);
  const origin = uuidv7();
  let store: SqliteStore | undefined;
  const writer = thread<Writes>(resolved, origin, "writer", { changed: (changes) => store?.changedHere(changes) });
  // Both load their code at the same time; the reader opens the file when the writer has brought it up to date.
  const reader = thread<Reads>(resolved, origin, "reader", { heard: (heard, missed) => store?.heard(heard, missed) });
  try {
    const { epoch } = await writer.open();
    await reader.open();
    store = new SqliteStore(epoch, reader, writer, new RoomsInMemory([]), new SessionLookup(resolved.file));
    await store.refresh();
    return store;
  } catch (error) {
    await Promise.all([reader.close(), writer.close()]);
    throw error;
  }
}

/** Brings a database's schema up to date and closes it again. */
export async function migrate(options: SqliteStoreOptions): Promise<Migrated> {
  const writer = thread<Writes>(await prepare(options), uuidv7(), "writer", {});
  const { migrated } = await writer.open();
  await writer.close();
  return migrated;
}

/**
 * Gives a database a new epoch: to be done with every restored backup, because clients may have seen more than it holds.
 * Servers that have it open keep the old one until they restart.
 */
export async function renewEpoch(options: SqliteStoreOptions): Promise<string> {
  const writer = thread<Writes>(await prepare(options), uuidv7(), "writer", {});
  await writer.open();
  try {
    return await writer.call("renewEpoch");
  } finally {
    await writer.close();
  }
}

/** Makes the folder and the file where they are missing, for their owner alone: it holds password hashes and sessions. */
async function prepare(options: SqliteStoreOptions): Promise<ResolvedOptions> {
  const resolved = resolveOptions(options);
  try {
    await mkdir(dirname(resolved.file), { recursive: true, mode: 0o700 });
    await (await open(resolved.file, "a", 0o600)).close();
  } catch (error) {
    const { message } = toStoreError(error);
    throw new StoreError("cannot-open", `cannot make the database ${resolved.file}: ${message}`, { cause: error });
  }
  return resolved;
}

function thread<O extends Reads | Writes>(
  { file, batch, poll, busyTimeout, queue }: ResolvedOptions,
  origin: string,
  role: WorkerOptions["role"],
  events: WorkerEvents,
): WorkerClient<O> {
  return new WorkerClient<O>({ role, file, origin, batch, poll, busyTimeout }, queue, events);
}

class SqliteStore implements Database {
  readonly epoch: string;
  readonly rooms: RoomStore;
  readonly messages: MessageStore;
  readonly markers: MarkerStore;
  readonly settings: SettingStore;
  readonly changes: ChangeFeed;
  readonly people: AccountRows;
  readonly #reader: WorkerClient<Reads>;
  readonly #writer: WorkerClient<Writes>;
  readonly #rooms: RoomsInMemory;
  readonly #sessions: SessionLookup;
  readonly #followers = new Set<(change: Change) => void>();

  constructor(
    epoch: string,
    reader: WorkerClient<Reads>,
    writer: WorkerClient<Writes>,
    rooms: RoomsInMemory,
    sessions: SessionLookup,
  ) {
    this.epoch = epoch;
    this.#sessions = sessions;
    this.#reader = reader;
    this.#writer = writer;
    this.#rooms = rooms;
    this.people = new AccountRows(reader, writer, sessions);
    this.rooms = {
      all: async () => rooms.all(),
      find: async (address) => rooms.find(address),
      create: async (room, by) => {
        const created = await writer.call("createRoom", { room, by });
        rooms.put(created.room);
        return created;
      },
      change: async (id, changes, by) => {
        const changed = await writer.call("changeRoom", { id, changes, by });
        if (changed !== undefined) rooms.put(changed.room);
        return changed;
      },
      delete: async (id, by) => {
        const deleted = await writer.call("deleteRoom", { id, by });
        if (deleted) rooms.remove(id);
        return deleted;
      },
      learn: (room) => rooms.put(room),
      learnEnd: (id) => rooms.remove(id),
    };
    this.messages = {
      append: async (message) => {
        const appended = await writer.call("append", message);
        if (appended.outcome === "appended") rooms.grow(message.room, appended.message.seq);
        return appended;
      },
      page: (room, where) => reader.call("page", { room, ...where }),
      eventsSince: (room, since, limit) => reader.call("eventsSince", { room, since, limit }),
    };
    this.markers = {
      of: async (user, room) => {
        const [state] = await reader.call("markers", { user, rooms: [room] });
        return state?.[1] ?? NOTHING_READ;
      },
      ofAll: async (user, ids) => new Map(await reader.call("markers", { user, rooms: ids })),
      move: async (user, room, seq) => (await writer.call("moveMarker", { user, room, seq })) ?? NOTHING_READ,
    };
    this.settings = {
      get: () => reader.call("readSettings"),
      set: (changes) => writer.call("writeSettings", changes),
    };
    this.changes = {
      follow: (listener) => {
        this.#followers.add(listener);
        return () => this.#followers.delete(listener);
      },
      claim: (room, seq) => writer.call("claim", { room, seq }),
    };
  }

  async check(): Promise<void> {
    await Promise.all([this.#reader.call("answers"), this.#writer.call("takesWrites")]);
  }

  async close(): Promise<void> {
    this.#sessions.close();
    // The reader first: the last connection that closes folds the log into the database file.
    await this.#reader.close();
    await this.#writer.close();
  }

  async refresh(): Promise<void> {
    for (const room of await this.#reader.call("allRooms")) this.#rooms.put(room);
  }

  /** Called with what a commit of this process changed, before the calls that it answers resolve. */
  changedHere(changes: readonly Change[]): void {
    for (const change of changes) this.people.tell(change, true);
  }

  heard(heard: readonly Heard[], missed: boolean): void {
    if (missed) void this.#catchUp();
    for (const { note, room } of heard) {
      if (note.kind === "tail") this.#rooms.grow(note.room, note.seq);
      else {
        if (note.kind === "log") this.#rooms.grow(note.room, note.seq);
        if (note.kind === "room") {
          if (room === undefined) this.#rooms.remove(note.room);
          else this.#rooms.put(room);
        }
        this.#tell(note);
      }
    }
  }

  #tell(change: Change): void {
    this.people.tell(change, false);
    for (const follower of this.#followers) follower(change);
  }

  /** After a sleep that was longer than changes are kept: look at everything again. */
  async #catchUp(): Promise<void> {
    try {
      const rooms = await this.#reader.call("allRooms");
      const live = new Set(rooms.map(({ id }) => id));
      for (const { id } of this.#rooms.all()) {
        if (live.has(id)) continue;
        this.#rooms.remove(id);
        this.#tell({ kind: "room", room: id });
      }
      for (const room of rooms) {
        this.#rooms.put(room);
        this.#tell({ kind: "room", room: room.id });
      }
      for (const { id } of await this.#reader.call("listPeople")) {
        this.#tell({ kind: "user", user: id });
        this.#tell({ kind: "session", user: id, session: null });
      }
      this.#tell({ kind: "settings" });
    } catch {
      // The store was closed meanwhile, or its thread died: both show in every other call.
    }
  }
}

const NOTHING_READ = Object.freeze({ readSeq: 0, unread: 0, mentions: 0 });
