import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { uuidv7 } from "uuidv7";
import type { ChangeFeedEntry } from "../change-feed/change-feed.ts";
import type { AccountStore } from "../people/account-store.ts";
import { RoomCache } from "../rooms/room-cache.ts";
import { SharedReads } from "../shared-reads.ts";
import type {
  ChangeFeed,
  EventLog,
  MarkerStore,
  MemberChangeResult,
  MemberStore,
  MessageChangeResult,
  MessageStore,
  RoomStore,
  SearchStore,
  SettingsStore,
  Store,
  StoreChange,
} from "../store.ts";
import { StoreError, toStoreError } from "../store-error.ts";
import { AccountRows } from "./account-rows.ts";
import { copyDatabase } from "./maintenance/copy.ts";
import type { MigrationResult } from "./migrations/migrate-schema.ts";
import type { Reads, Writes } from "./operations.ts";
import { type ResolvedOptions, resolveOptions, type SqliteStoreOptions } from "./options.ts";
import { SessionLookup } from "./session-lookup.ts";
import { Searcher } from "./threads/searcher.ts";
import { thread } from "./threads/start-worker.ts";
import type { WorkerClient } from "./threads/worker-client.ts";

/** The store, and the rows behind the accounts. */
export interface Database extends Store {
  readonly people: AccountStore;
  /** Copies the database as it is now into a new file, while everything goes on; see `copyDatabase`. */
  backup(to: string): Promise<{ readonly bytes: number }>;
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
  const searcher = new Searcher(resolved, origin);
  try {
    const { epoch } = await writer.open();
    await reader.open();
    const sessions = new SessionLookup(resolved.file);
    store = new SqliteStore(resolved.file, epoch, { reader, writer, searcher }, sessions);
    await store.refresh();
    return store;
  } catch (error) {
    await Promise.all([reader.close(), writer.close()]);
    throw error;
  }
}

/**
 * Brings a database's schema up to date and closes it again. Messages from before there was a search are indexed too, which
 * a server does beside its work.
 *
 * @param indexing told now and then how many messages are still to be indexed, about.
 */
export async function migrate(
  options: SqliteStoreOptions,
  indexing?: (left: number) => void,
): Promise<MigrationResult> {
  const writer = thread<Writes>(await prepare(options), uuidv7(), "writer", {});
  const { migrated } = await writer.open();
  try {
    for (let left = await writer.call("indexMore"); left > 0; left = await writer.call("indexMore")) indexing?.(left);
  } finally {
    await writer.close();
  }
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

interface Threads {
  readonly reader: WorkerClient<Reads>;
  readonly writer: WorkerClient<Writes>;
  readonly searcher: Searcher;
}

class SqliteStore implements Database {
  readonly epoch: string;
  readonly rooms: RoomStore;
  readonly messages: MessageStore;
  readonly eventLog: EventLog;
  readonly members: MemberStore;
  readonly search: SearchStore;
  readonly markers: MarkerStore;
  readonly settings: SettingsStore;
  readonly changes: ChangeFeed;
  readonly people: AccountRows;
  readonly #file: string;
  readonly #reader: WorkerClient<Reads>;
  readonly #writer: WorkerClient<Writes>;
  readonly #searcher: Searcher;
  readonly #rooms: RoomCache;
  readonly #sessions: SessionLookup;
  readonly #followers = new Set<(change: StoreChange) => void>();
  readonly #readers = new Set<(room: string, seq: number) => void>();

  constructor(file: string, epoch: string, { reader, writer, searcher }: Threads, sessions: SessionLookup) {
    const rooms = new RoomCache([]);
    this.#file = file;
    this.epoch = epoch;
    this.#sessions = sessions;
    this.#reader = reader;
    this.#writer = writer;
    this.#searcher = searcher;
    this.#rooms = rooms;
    this.people = new AccountRows(reader, writer, sessions);
    this.rooms = {
      list: async () => rooms.all(),
      find: async (address) => rooms.find(address),
      create: async ({ by, ...room }) => {
        const created = await writer.call("createRoom", { room, by });
        if (created.events.length > 0) rooms.put(created.room);
        return created;
      },
      openDirect: async ({ by: one, other }) => {
        const known = rooms.direct(one.id, other.id);
        if (known !== undefined) return { room: known, events: [] };
        const opened = await writer.call("openDirect", { one, other });
        rooms.put(opened.room);
        return opened;
      },
      change: async ({ room: id, changes, by }) => {
        const changed = await writer.call("changeRoom", { id, changes, by });
        if (changed !== undefined) rooms.put(changed.room);
        return changed;
      },
      delete: async ({ room: id, by }) => {
        const deleted = await writer.call("deleteRoom", { id, by });
        if (deleted) rooms.remove(id);
        return deleted;
      },
      upsertCached: (room) => rooms.put(room),
      removeCached: (id) => rooms.remove(id),
    };
    /** The room's log has grown by a change of one of its messages. */
    const grown = async (room: string, answer: Promise<MessageChangeResult>): Promise<MessageChangeResult> => {
      const changed = await answer;
      if (changed.outcome === "changed") rooms.grow(room, changed.seq);
      return changed;
    };
    const missed = new SharedReads(
      (question: { room: string; since: number; limit: number }) => reader.call("eventsSince", question),
      ({ room, since, limit }) => `${room} ${since} ${limit}`,
    );
    this.messages = {
      append: async (message) => {
        const appended = await writer.call("append", message);
        if (appended.outcome === "appended") rooms.grow(message.room, appended.message.seq);
        return appended;
      },
      findByClientId: (where) => reader.call("posted", where),
      readHistory: (page) => reader.call("page", page),
      find: (where) => reader.call("findMessage", where),
      edit: ({ ref: on, body, canMentionAll: mayMentionAll, by }) =>
        grown(on.room, writer.call("editMessage", { on, body, mayMentionAll, by })),
      delete: ({ ref: on, by }) => grown(on.room, writer.call("deleteMessage", { on, by })),
      setReaction: ({ ref: on, emoji, present: add, by }) =>
        grown(on.room, writer.call("react", { on, emoji, add, by })),
      setPinned: ({ ref: on, pinned, by }) => grown(on.room, writer.call("pinMessage", { on, pinned, by })),
      listPinned: (where) => reader.call("pins", where),
      listVersions: (where) => reader.call("versions", where),
    };
    this.eventLog = {
      readSince: (where) => missed.ask(where),
      findSeqByKey: (key) => reader.call("seqOfIntent", key),
    };
    const put = async (answer: Promise<MemberChangeResult>): Promise<MemberChangeResult> => {
      const changed = await answer;
      if (changed.outcome === "changed") rooms.put(changed.room);
      return changed;
    };
    this.members = {
      find: (where) => reader.call("findMember", where),
      list: (where) => reader.call("listMembers", where),
      listBans: (where) => reader.call("listBans", where),
      listByUser: async (where) => new Map(await reader.call("roomsOf", where)),
      add: ({ idempotencyKey: intent, ...member }) => put(writer.call("addMember", { ...member, intent })),
      remove: ({ idempotencyKey: intent, ban, ...member }) =>
        put(writer.call("removeMember", { ...member, ban, intent })),
      change: ({ idempotencyKey: intent, ...member }) => put(writer.call("changeMember", { ...member, intent })),
    };
    this.search = {
      find: searcher.find,
      countUnindexed: () => reader.call("notIndexed"),
    };
    this.markers = {
      get: async ({ user, room }) => {
        const [state] = await reader.call("markers", { user, rooms: [room] });
        return state?.[1] ?? NOTHING_READ;
      },
      getMany: async (where) => new Map(await reader.call("markers", where)),
      move: async (marker) => (await writer.call("moveMarker", marker)) ?? NOTHING_READ,
    };
    this.settings = {
      get: () => reader.call("readSettings"),
      update: (changes) => writer.call("writeSettings", changes),
    };
    this.changes = {
      onChange: (listener) => {
        this.#followers.add(listener);
        return () => this.#followers.delete(listener);
      },
      onLogGrown: (listener) => {
        this.#readers.add(listener);
        return () => this.#readers.delete(listener);
      },
      claim: (event) => writer.call("claim", event),
    };
  }

  async check(): Promise<void> {
    await Promise.all([this.#reader.call("answers"), this.#writer.call("takesWrites")]);
  }

  backup(to: string): Promise<{ readonly bytes: number }> {
    return copyDatabase(this.#file, to);
  }

  async close(): Promise<void> {
    this.#sessions.close();
    await this.#searcher.close();
    // The readers first: the last connection that closes folds the log into the database file.
    await this.#reader.close();
    await this.#writer.close();
  }

  async refresh(): Promise<void> {
    for (const room of await this.#reader.call("allRooms")) this.#rooms.put(room);
  }

  /** Called with what a commit of this process changed, before the calls that it answers resolve. */
  changedHere(changes: readonly StoreChange[]): void {
    for (const change of changes) {
      this.people.tell(change, true);
      if (change.kind === "user") void this.#renewNames(change.user);
    }
  }

  heard(heard: readonly ChangeFeedEntry[], missed: boolean): void {
    if (missed) void this.#catchUp();
    for (const { note, room } of heard) {
      if (note.kind === "tail") this.#grown(note.room, note.seq);
      else {
        if (note.kind === "log") this.#rooms.grow(note.room, note.seq);
        if (note.kind === "room" || note.kind === "member") {
          if (room === undefined) this.#rooms.remove(note.room);
          else this.#rooms.put(room);
        }
        this.#tell(note);
      }
    }
  }

  #grown(room: string, seq: number): void {
    this.#rooms.grow(room, seq);
    for (const reader of this.#readers) reader(room, seq);
  }

  #tell(change: StoreChange): void {
    if (change.kind === "user") void this.#renewNames(change.user);
    this.people.tell(change, false);
    for (const follower of this.#followers) follower(change);
  }

  /** Direct conversations are called by their people, who may have got other names. */
  async #renewNames(user: string): Promise<void> {
    const direct = this.#rooms.all().filter(({ people }) => people.some(({ id }) => id === user));
    try {
      const rooms = await Promise.all(direct.map(({ id }) => this.#reader.call("liveRoom", { id })));
      for (const room of rooms) if (room !== undefined) this.#rooms.put(room);
    } catch {
      // As with `#catchUp`: a failed store shows elsewhere, and old names are shown until the next change.
    }
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

const NOTHING_READ = Object.freeze({ role: null, mutedUntil: null, readSeq: 0, unread: 0, mentions: 0 });
