import type {
  Author,
  Ban,
  HistoryPage,
  LogEvent,
  Member,
  MemberState,
  Message,
  MessageKind,
  Role,
  Room,
  RoomPatch,
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
  readonly eventLog: EventLog;
  readonly members: MemberStore;
  readonly search: SearchStore;
  readonly markers: MarkerStore;
  readonly settings: SettingsStore;
  readonly changes: ChangeFeed;

  /** Resolves when the database answers a read and takes a write; rejects with what is wrong. For `/readyz` and `doctor`. */
  check(): Promise<void>;
  /** Finishes what was begun, then closes the files. */
  close(): Promise<void>;
}

/**
 * A room with its rights version: it grows with every change that can take access away (staff-only, private, archived,
 * deleted, a member removed, muted or banned, slow mode).
 */
export interface StoredRoom extends Room {
  readonly accessVersion: number;
  /** Who may enter a private or direct room; null: not a matter of membership. Kept in memory with the room. */
  readonly members: ReadonlySet<string> | null;
  /** The moderators and owners among its members, also of an open room. Kept in memory with the room. */
  readonly roles: ReadonlyMap<string, Role>;
  /** Who may not write here at the moment, and until when. Kept in memory with the room; may hold some whose time is up. */
  readonly mutedUntil: ReadonlyMap<string, number>;
  /** Who may not enter, whatever else holds. */
  readonly banned: ReadonlySet<string>;
}

/** Who did it; null: a script or the server itself. */
export type ActorRef = { readonly id: string; readonly username: string } | null;

export interface RoomStore {
  /**
   * Every room that is not deleted, by number. Served from memory, which knows at once what this process has changed and
   * within 250 ms what another has.
   */
  list(): Promise<readonly StoredRoom[]>;
  /** By id or number (a string of decimal digits counts as a number, exactly as written: no sign, no leading zero). */
  find(address: string | number): Promise<StoredRoom | undefined>;
  create(room: {
    title: string;
    topic?: string;
    staffOnly?: boolean;
    private?: boolean;
    clientId?: string;
    by: ActorRef;
  }): Promise<{
    room: StoredRoom;
    /** In order; its maker is its first owner (`member.joined`). Empty: the same maker's `clientId` was there before. */
    events: readonly LogEvent[];
  }>;
  /** The direct conversation of two people, made at the first time; `events` is empty where it was there. */
  openDirect(people: { by: Author; other: Author }): Promise<{ room: StoredRoom; events: readonly LogEvent[] }>;
  /** Undefined: there is no such room. `event` is undefined where nothing changed. */
  change(change: {
    room: string;
    changes: RoomPatch;
    by: ActorRef;
  }): Promise<{ room: StoredRoom; event?: LogEvent } | undefined>;
  /** What another process says that it has committed; within 250 ms it would be heard from the database. */
  upsertCached(room: StoredRoom): void;
  removeCached(id: string): void;
  /** False: there was no such room. A deleted room's number is never given again; its log stays in the database. */
  delete(deletion: { room: string; by: ActorRef }): Promise<boolean>;
}

export interface NewMessage {
  readonly room: string;
  /** The rights version that the policy was asked with: a room that has changed since answers `stale`, and nothing is written. */
  readonly accessVersion: number;
  readonly author: ActorRef;
  readonly clientId: string;
  readonly kind: MessageKind;
  readonly body: string;
  /** A message of the same room; one that is not there is refused with `unknown`. */
  readonly replyTo?: string | undefined;
  /** Whether `@all` in the body addresses everybody: the policy has been asked. */
  readonly canMentionAll?: boolean;
  /** In slow mode: unless the author's last message here is so many seconds old, `slow`. */
  readonly slowModeSeconds?: number;
}

export type AppendResult =
  | { readonly outcome: "appended"; readonly message: Message; readonly event: LogEvent }
  /** The same (room, author, clientId) was posted before: the first one's answer. */
  | { readonly outcome: "repeated"; readonly message: Message }
  | { readonly outcome: "stale" }
  /** The message that it answers is not in this room. */
  | { readonly outcome: "unknown" }
  | { readonly outcome: "slow"; readonly retryAfterMs: number };

/** A change of a message. `event` is undefined where it was so already; `seq` is then that of the event that made it so. */
export type MessageChangeResult =
  | { readonly outcome: "changed"; readonly seq: number; readonly event?: LogEvent; readonly message: Message }
  | { readonly outcome: "unknown" }
  | { readonly outcome: "stale" }
  /** A bound was reached (different emoji, pins). */
  | { readonly outcome: "full" };

/** A change by the name that its client gave it; kept for an hour, which no connection holds a frame up for. */
export interface IdempotencyKey {
  readonly user: string;
  readonly clientId: string;
}

/** Which message, and with which rights version of the room the policy was asked. */
export interface MessageRef {
  readonly room: string;
  readonly accessVersion: number;
  readonly message: string;
  /** Done before, it is answered as then, and nothing changes. */
  readonly idempotencyKey?: IdempotencyKey | undefined;
}

export interface MessageStore {
  /**
   * Group commit: appends that arrive while a commit is under way form the next transaction. Rejects as `busy` when the queue
   * is full. `repeated` also where the room has changed since: the first answer stands.
   */
  append(message: NewMessage): Promise<AppendResult>;
  /** What an append of this author and client id was answered with, as that message is now. */
  findByClientId(where: { room: string; author: string; clientId: string }): Promise<Message | undefined>;
  readHistory(page: {
    room: string;
    before?: number;
    after?: number;
    around?: number;
    limit: number;
    viewer?: string;
  }): Promise<HistoryPage>;
  /** As it is now, deleted ones too. `viewer`: whose reactions are `mine`. */
  find(where: { room: string; message: string; viewer?: string | undefined }): Promise<Message | undefined>;
  edit(edit: { ref: MessageRef; body: string; canMentionAll: boolean; by: ActorRef }): Promise<MessageChangeResult>;
  /** The body goes into the versions (for those who may see them) and out of the message and the search. */
  delete(deletion: { ref: MessageRef; by: ActorRef }): Promise<MessageChangeResult>;
  setReaction(reaction: { ref: MessageRef; emoji: string; present: boolean; by: Author }): Promise<MessageChangeResult>;
  setPinned(pin: { ref: MessageRef; pinned: boolean; by: ActorRef }): Promise<MessageChangeResult>;
  listPinned(where: { room: string; viewer: string }): Promise<readonly Message[]>;
  /** What the message said before, oldest first. */
  listVersions(where: {
    room: string;
    message: string;
  }): Promise<readonly { body: string; at: number; by: Author | null }[]>;
}

export interface MemberStore {
  find(where: { room: string; user: string }): Promise<Member | undefined>;
  /** By role, then name. */
  list(where: {
    room: string;
    limit: number;
  }): Promise<{ readonly members: readonly Member[]; readonly count: number }>;
  /** Who is banned, newest ban first; `count` is of all. */
  listBans(where: {
    room: string;
    limit: number;
  }): Promise<{ readonly banned: readonly Ban[]; readonly count: number }>;
  /** The rooms that the person is a member of. Served from memory or one indexed query. */
  listByUser(where: { user: string }): Promise<ReadonlyMap<string, Member>>;
  /** Lifts nothing: who is banned is refused with `banned`. Already a member: no event. */
  add(member: {
    room: string;
    user: Author;
    role: Role;
    by: ActorRef;
    idempotencyKey?: IdempotencyKey | undefined;
  }): Promise<MemberChangeResult>;
  /** `ban`: true bans, also somebody who is no member; false lifts a ban; undefined leaves it. */
  remove(member: {
    room: string;
    user: Author;
    ban?: boolean | undefined;
    by: ActorRef;
    idempotencyKey?: IdempotencyKey | undefined;
  }): Promise<MemberChangeResult>;
  change(member: {
    room: string;
    user: string;
    changes: { readonly role?: Role | undefined; readonly mutedUntil?: number | null | undefined };
    by: ActorRef;
    idempotencyKey?: IdempotencyKey | undefined;
  }): Promise<MemberChangeResult>;
}

export interface EventLog {
  /** The log after `since`, at most `limit` events; undefined where more than `limit` are missing or `since` is ahead of the log. */
  readSince(where: { room: string; since: number; limit: number }): Promise<readonly LogEvent[] | undefined>;
  /** The seq that a change with this key was acknowledged with; undefined: there was none within the last hour. */
  findSeqByKey(key: IdempotencyKey): Promise<number | undefined>;
}

export type MemberChangeResult =
  | { readonly outcome: "changed"; readonly seq: number; readonly event?: LogEvent; readonly room: StoredRoom }
  | { readonly outcome: "unknown" }
  | { readonly outcome: "banned" }
  /** A room keeps an owner: the last one can neither go nor become something less while others are in it. */
  | { readonly outcome: "last-owner" };

/** A search as the command has understood it. */
export interface MessageSearch {
  /** Each has to occur: a word, the beginning of one, or words that follow each other. At most 10. */
  readonly terms: readonly { readonly text: string; readonly kind: "word" | "prefix" | "phrase" }[];
  /** Only in these rooms; the caller has asked the policy for each. */
  readonly rooms: readonly string[];
  readonly from?: string | undefined;
  /** Milliseconds since 1970, both exclusive of the other side: after <= createdAt < before. */
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly viewer: string;
}

export interface SearchStore {
  /**
   * Newest first. Bounded whatever is asked: it looks at a fixed number of candidates at the most and then answers with
   * what it has (which may be nothing) and a cursor. Runs beside everything else, so that a slow search holds up no
   * history and no message. Undefined: the question's cursor is none that a search has given.
   */
  find(
    question: MessageSearch,
  ): Promise<{ readonly found: readonly Message[]; readonly cursor: string | null } | undefined>;
  /** Messages from before there was a search that cannot be found yet, about; they are indexed meanwhile, newest first. */
  countUnindexed(): Promise<number>;
}

export interface MarkerStore {
  get(where: { user: string; room: string }): Promise<MemberState>;
  getMany(where: { user: string; rooms: readonly string[] }): Promise<ReadonlyMap<string, MemberState>>;
  /** Forward only, and not beyond the end of the log. */
  move(marker: { user: string; room: string; seq: number }): Promise<MemberState>;
}

export interface SettingsStore {
  get(): Promise<Settings>;
  update(changes: Partial<Settings>): Promise<Settings>;
}

/**
 * What another process did to the same database (the CLI, a second server): rows of a table that every change of rooms,
 * people, sessions, settings and notices writes in its own transaction, followed by this process within 250 ms. A server
 * needs no Redis to hear of `multichat user deactivate`. A process that slept for an hour is told once of everything.
 */
export type StoreChange =
  /** Made, changed or deleted. */
  | { readonly kind: "room"; readonly room: string }
  /** What one person is in a room, and nothing else about it. */
  | { readonly kind: "member"; readonly room: string; readonly user: string }
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
  onChange(listener: (change: StoreChange) => void): () => void;
  /** Called with how far a room's log has come by another process's commits, every kind of event counted. */
  onLogGrown(listener: (room: string, seq: number) => void): () => void;
  /**
   * Whether it is this process that tells an event which all servers hear of: true for the first to ask, whichever it is.
   * Who dies between its commit and its claim leaves the event to another.
   */
  claim(event: { room: string; seq: number }): Promise<boolean>;
}
