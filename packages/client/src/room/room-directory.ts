import type { Room, RoomAddress, RoomListEntry } from "@multichat/protocol";
import { ComputedStore } from "../core/computed-store.ts";
import type { NotificationBatch } from "../core/notification-batch.ts";
import type { Readable } from "../core/readable.ts";
import type { RoomList, RoomListSnapshot } from "../model/room-list.ts";
import { type Membership, NO_MEMBERSHIP } from "./room-details.ts";

/** The list of rooms, as the server last reported it. */
export class RoomDirectory implements RoomList {
  readonly #batch: NotificationBatch;
  readonly #store: ComputedStore<RoomListSnapshot>;
  readonly #entries = new Map<string, RoomListEntry>();
  readonly #entryStores = new Map<string, ComputedStore<RoomListEntry | undefined>>();
  #status: RoomListSnapshot["status"] = "cold";
  /** Rooms that events have changed since the whole list was requested: its answer may be older. */
  #changedSinceRequest: Set<string> | undefined;

  constructor(batch: NotificationBatch) {
    this.#batch = batch;
    this.#store = new ComputedStore<RoomListSnapshot>(batch, () => ({
      status: this.#status,
      rooms: [...this.#entries.values()].sort((a, b) => a.number - b.number),
    }));
  }

  get get() {
    return this.#store.get;
  }

  get subscribe() {
    return this.#store.subscribe;
  }

  readonly entry = (id: string): Readable<RoomListEntry | undefined> => {
    let store = this.#entryStores.get(id);
    if (store === undefined) {
      store = new ComputedStore<RoomListEntry | undefined>(this.#batch, () => this.#entries.get(id));
      this.#entryStores.set(id, store);
    }
    return store;
  };

  readonly find = (address: RoomAddress): RoomListEntry | undefined => {
    const byId = typeof address === "string" ? this.#entries.get(address) : undefined;
    if (byId !== undefined) return byId;
    const number = typeof address === "number" ? address : /^[1-9][0-9]*$/.test(address) ? Number(address) : undefined;
    return number === undefined ? undefined : [...this.#entries.values()].find((entry) => entry.number === number);
  };

  findById(id: string): RoomListEntry | undefined {
    return this.#entries.get(id);
  }

  /** The whole list was requested. */
  beginRequest(): void {
    this.#changedSinceRequest = new Set();
  }

  /** Replaces the whole list with the server's answer. */
  replace(rooms: readonly RoomListEntry[]): void {
    const changed = this.#changedSinceRequest ?? new Set<string>();
    this.#changedSinceRequest = undefined;
    const listed = new Set(rooms.map((room) => room.id));
    for (const id of [...this.#entries.keys()]) {
      if (!listed.has(id) && !changed.has(id)) this.#set(id, undefined);
    }
    for (const room of rooms) if (!changed.has(room.id) && !this.#isOutdated(room)) this.#set(room.id, room);
    this.#enter("live");
  }

  /** Adds or updates a room, by an event of the server. */
  add(room: Room, membership?: Membership): void {
    this.#changedSinceRequest?.add(room.id);
    // Until this connection's list has arrived, the entries are of an earlier connection, possibly of another log.
    if (this.#status === "live" && this.#isOutdated(room)) return;
    const previous = this.#entries.get(room.id);
    const { role, mutedUntil } = membership ?? previous ?? NO_MEMBERSHIP;
    this.#set(room.id, {
      ...room,
      role,
      mutedUntil,
      unread: previous?.unread ?? 0,
      mentions: previous?.mentions ?? 0,
    });
  }

  delete(id: string): void {
    this.#changedSinceRequest?.add(id);
    this.#set(id, undefined);
  }

  /** Updates what a joined room knows better than the list. */
  update(id: string, changes: Partial<RoomListEntry>): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#set(id, { ...entry, ...changes });
  }

  markDisconnected(): void {
    this.#changedSinceRequest = undefined;
    if (this.#status === "live") this.#enter("stale");
  }

  clear(): void {
    for (const id of [...this.#entries.keys()]) this.#set(id, undefined);
    this.#enter("cold");
  }

  /** Forgets the rooms, because the server's logs were replaced. Those that changed since the request are of the new logs. */
  forgetEntries(): void {
    for (const id of [...this.#entries.keys()]) if (!this.#changedSinceRequest?.has(id)) this.#set(id, undefined);
  }

  /** Uses the persisted list, unless the server's is known. */
  restore(rooms: readonly RoomListEntry[]): void {
    if (this.#status !== "cold") return;
    for (const room of rooms) this.#set(room.id, room);
    this.#enter("stale");
  }

  /** Whether the list has the room as of a later event: answers and events can arrive in any order. */
  #isOutdated(room: Room): boolean {
    return (this.#entries.get(room.id)?.lastSeq ?? 0) > room.lastSeq;
  }

  #set(id: string, entry: RoomListEntry | undefined): void {
    const previous = this.#entries.get(id);
    if (entry === undefined) {
      if (!this.#entries.delete(id)) return;
    } else {
      if (previous !== undefined && isEqual(previous, entry)) return;
      this.#entries.set(id, entry);
    }
    this.#store.invalidate();
    this.#entryStores.get(id)?.invalidate();
  }

  #enter(status: RoomListSnapshot["status"]): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#store.invalidate();
  }
}

function isEqual({ people, ...a }: RoomListEntry, { people: others, ...b }: RoomListEntry): boolean {
  return (
    hasEqualFields(a, b) &&
    people.length === others.length &&
    people.every((person, i) => hasEqualFields(person, others[i] ?? {}))
  );
}

/** Every field counts, also those that a later version of the protocol adds. */
function hasEqualFields<T extends object>(a: T, b: Partial<T>): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof T>;
  for (const name of names) if (a[name] !== b[name]) return false;
  return true;
}
