import type {
  HistoryPage,
  LogEvent,
  MemberState,
  Message,
  MessageKind,
  Room,
  RoomChanges,
  Settings,
} from "@multichat/protocol";

/**
 * The truth (a contract; `sqlite/` implements it). A promise of a change resolves when the change has been committed and
 * synced to disk, never before. Every change of a room is an event with the room's next `seq`, written in the same
 * transaction as the state that it changes, so that `seq` has no gap and no double. Everything here rejects with a
 * `StoreError`, whose `passing` tells whether trying again later can help.
 */
export interface Store {
  /** Changes when this database is no longer the continuation of what clients have seen (restored from a backup). */
  readonly epoch: string;

  readonly rooms: RoomStore;
  readonly messages: MessageStore;
  readonly markers: MarkerStore;
  readonly settings: SettingStore;
  readonly changes: ChangeFeed;

  /** Resolves when the database answers a read and takes a write; rejects with what is wrong. For `/readyz` and `doctor`. */
  check(): Promise<void>;
  /** Finishes what was begun, then closes the files. */
  close(): Promise<void>;
}

/** A room with its rights version: it grows with every change that can take access away (staff-only, archived, deleted). */
export interface StoredRoom extends Room {
  readonly rights: number;
}

/** Who did it; null: a script or the server itself. */
export type By = { readonly id: string; readonly username: string } | null;

export interface RoomStore {
  /**
   * Every room that is not deleted, by number. Served from memory, which knows at once what this process has changed and
   * within 250 ms what another has.
   */
  all(): Promise<readonly StoredRoom[]>;
  /** By id or number (a string of decimal digits counts as a number, exactly as written: no sign, no leading zero). */
  find(address: string | number): Promise<StoredRoom | undefined>;
  create(
    room: { title: string; topic?: string; staffOnly?: boolean },
    by: By,
  ): Promise<{ room: StoredRoom; event: LogEvent }>;
  /** Undefined: there is no such room. `event` is undefined where nothing changed. */
  change(id: string, changes: RoomChanges, by: By): Promise<{ room: StoredRoom; event?: LogEvent } | undefined>;
  /** What another process says that it has committed; within 250 ms it would be heard from the database. */
  learn(room: StoredRoom): void;
  learnEnd(id: string): void;
  /** False: there was no such room. A deleted room's number is never given again; its log stays in the database. */
  delete(id: string, by: By): Promise<boolean>;
}

export interface NewMessage {
  readonly room: string;
  /** The rights version that the policy was asked with: a room that has changed since answers `stale`, and nothing is written. */
  readonly rights: number;
  readonly author: By;
  readonly clientId: string;
  readonly kind: MessageKind;
  readonly body: string;
}

export type Appended =
  | { readonly outcome: "appended"; readonly message: Message; readonly event: LogEvent }
  /** The same (room, author, clientId) was posted before: the first one's answer. */
  | { readonly outcome: "repeated"; readonly message: Message }
  | { readonly outcome: "stale" };

export interface MessageStore {
  /**
   * Group commit: appends that arrive while a commit is under way form the next transaction. Rejects as `busy` when the queue
   * is full. `repeated` also where the room has changed since: the first answer stands.
   */
  append(message: NewMessage): Promise<Appended>;
  page(room: string, where: { before?: number; after?: number; around?: number; limit: number }): Promise<HistoryPage>;
  /** The log after `since`, at most `limit` events; undefined where more than `limit` are missing or `since` is ahead of the log. */
  eventsSince(room: string, since: number, limit: number): Promise<readonly LogEvent[] | undefined>;
}

export interface MarkerStore {
  of(user: string, room: string): Promise<MemberState>;
  ofAll(user: string, rooms: readonly string[]): Promise<ReadonlyMap<string, MemberState>>;
  /** Forward only, and not beyond the end of the log. */
  move(user: string, room: string, seq: number): Promise<MemberState>;
}

export interface SettingStore {
  get(): Promise<Settings>;
  set(changes: Partial<Settings>): Promise<Settings>;
}

/**
 * What another process did to the same database (the CLI, a second server): rows of a table that every change of rooms,
 * people, sessions, settings and notices writes in its own transaction, followed by this process within 250 ms. A server
 * needs no Redis to hear of `multichat user deactivate`. A process that slept for an hour is told once of everything.
 */
export type Change =
  /** Made, changed or deleted. */
  | { readonly kind: "room"; readonly room: string }
  /**
   * An event in a room's log: of the room itself (told before its `room`), or a notice. Not what people write: between
   * servers that goes through the layer. Every server hears of it; the one that claims it tells it.
   */
  | { readonly kind: "log"; readonly room: string; readonly seq: number }
  | { readonly kind: "user"; readonly user: string }
  /** `session` null: any or all of the user's sessions. */
  | { readonly kind: "session"; readonly user: string; readonly session: string | null }
  | { readonly kind: "settings" };

export interface ChangeFeed {
  /** Called in order for each change that another process committed since this one opened the database. Returns the way to stop. */
  follow(listener: (change: Change) => void): () => void;
  /**
   * Whether it is this process that tells an event which all servers hear of: true for the first to ask, whichever it is.
   * Who dies between its commit and its claim leaves the event to another.
   */
  claim(room: string, seq: number): Promise<boolean>;
}
