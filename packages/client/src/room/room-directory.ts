import type { Room, RoomAddress, RoomListEntry } from "@multichat/protocol";
import { ComputedStore, type NotificationBatch } from "../core/computed-store.ts";
import type { Readable } from "../core/readable.ts";
import type { RoomList, RoomListSnapshot } from "../model/room-list.ts";
import type { Membership } from "./own-membership.ts";

/** The list of rooms, as the server last told it. */
export class RoomDirectory implements RoomList {
  readonly #turn: NotificationBatch;
  readonly #view: ComputedStore<RoomListSnapshot>;
  readonly #entries = new Map<string, RoomListEntry>();
  readonly #entryViews = new Map<string, ComputedStore<RoomListEntry | undefined>>();
  #status: RoomListSnapshot["status"] = "cold";
  /** Rooms that were told of while the whole list was on its way: its answer may be older than these. */
  #toldMeanwhile: Set<string> | undefined;

  constructor(turn: NotificationBatch) {
    this.#turn = turn;
    this.#view = new ComputedStore<RoomListSnapshot>(turn, () => ({
      status: this.#status,
      rooms: [...this.#entries.values()].sort((a, b) => a.number - b.number),
    }));
  }

  get get() {
    return this.#view.get;
  }

  get subscribe() {
    return this.#view.subscribe;
  }

  readonly entry = (id: string): Readable<RoomListEntry | undefined> => {
    let view = this.#entryViews.get(id);
    if (view === undefined) {
      view = new ComputedStore<RoomListEntry | undefined>(this.#turn, () => this.#entries.get(id));
      this.#entryViews.set(id, view);
    }
    return view;
  };

  readonly find = (address: RoomAddress): RoomListEntry | undefined => {
    const byId = typeof address === "string" ? this.#entries.get(address) : undefined;
    if (byId !== undefined) return byId;
    const number = typeof address === "number" ? address : /^[1-9][0-9]*$/.test(address) ? Number(address) : undefined;
    return number === undefined ? undefined : [...this.#entries.values()].find((entry) => entry.number === number);
  };

  at(id: string): RoomListEntry | undefined {
    return this.#entries.get(id);
  }

  asking(): void {
    this.#toldMeanwhile = new Set();
  }

  /** The whole list has come. */
  replace(rooms: readonly RoomListEntry[]): void {
    const told = this.#toldMeanwhile ?? new Set<string>();
    this.#toldMeanwhile = undefined;
    const listed = new Set(rooms.map((room) => room.id));
    for (const id of [...this.#entries.keys()]) {
      if (!listed.has(id) && !told.has(id)) this.#set(id, undefined);
    }
    for (const room of rooms) if (!told.has(room.id) && !this.#knowsNewer(room)) this.#set(room.id, room);
    this.#enter("live");
  }

  /** A room appeared or changed, or what one is in it. */
  listed(room: Room, membership?: Membership): void {
    this.#toldMeanwhile?.add(room.id);
    // Before the list of this connection has come, what is known is from an earlier one, and may be of another log.
    if (this.#status === "live" && this.#knowsNewer(room)) return;
    const before = this.#entries.get(room.id);
    const { role, mutedUntil } = membership ?? before ?? { role: null, mutedUntil: null };
    this.#set(room.id, { ...room, role, mutedUntil, unread: before?.unread ?? 0, mentions: before?.mentions ?? 0 });
  }

  unlisted(id: string): void {
    this.#toldMeanwhile?.add(id);
    this.#set(id, undefined);
  }

  /** What a room that is heard knows better than the list. */
  update(id: string, changes: Partial<RoomListEntry>): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#set(id, { ...entry, ...changes });
  }

  disconnected(): void {
    this.#toldMeanwhile = undefined;
    if (this.#status === "live") this.#enter("stale");
  }

  clear(): void {
    for (const id of [...this.#entries.keys()]) this.#set(id, undefined);
    this.#enter("cold");
  }

  /** The rooms' logs are other ones now; the list that comes next is not older than anything. */
  forgetEntries(): void {
    for (const id of [...this.#entries.keys()]) if (!this.#toldMeanwhile?.has(id)) this.#set(id, undefined);
  }

  /** What was kept from before a reload. */
  restore(rooms: readonly RoomListEntry[]): void {
    if (this.#status !== "cold") return;
    for (const room of rooms) this.#set(room.id, room);
    this.#enter("stale");
  }

  /** Answers and events overtake each other: what is as of an earlier event than what is known says nothing new. */
  #knowsNewer(room: Room): boolean {
    return (this.#entries.get(room.id)?.lastSeq ?? 0) > room.lastSeq;
  }

  #set(id: string, entry: RoomListEntry | undefined): void {
    const previous = this.#entries.get(id);
    if (entry === undefined) {
      if (!this.#entries.delete(id)) return;
    } else {
      if (previous !== undefined && same(previous, entry)) return;
      this.#entries.set(id, entry);
    }
    this.#view.changed();
    this.#entryViews.get(id)?.changed();
  }

  #enter(status: RoomListSnapshot["status"]): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#view.changed();
  }
}

function same(a: RoomListEntry, b: RoomListEntry): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof RoomListEntry>;
  for (const name of names) if (name !== "people" && a[name] !== b[name]) return false;
  return (
    a.people.length === b.people.length &&
    a.people.every(({ id, username }, i) => id === b.people[i]?.id && username === b.people[i]?.username)
  );
}
