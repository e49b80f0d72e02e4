import type { AuditEntry } from "./audit/audit-log.ts";
import type { ChangeSource, StoreChange } from "./change-feed/store-change.ts";
import type { AppendResult, NewMessage } from "./messages/message-types.ts";
import type { StoreOperations } from "./operations.ts";
import type { AccountStore } from "./people/account-store.ts";
import type { StoredRoom } from "./rooms/stored-room.ts";

export type { ActorRef } from "./actor-ref.ts";
export type { AuditEntry, AuditQuery, AuditSource, NewAuditEntry } from "./audit/audit-log.ts";
export type { ChangeSource, StoreChange } from "./change-feed/store-change.ts";
export type { IdempotencyKey } from "./event-log/idempotency-keys.ts";
export type { NewFile } from "./files/uploads.ts";
export type { CountedState } from "./markers/markers.ts";
export type { MemberChangeResult } from "./members/member-types.ts";
export type { AppendResult, MessageChangeResult, MessageRef, NewMessage } from "./messages/message-types.ts";
export type { StaleChange } from "./rooms/access-version.ts";
export type { StoredRoom } from "./rooms/stored-room.ts";
export type { MessageSearch } from "./search/search-messages.ts";

/**
 * The contract of the store; `sqlite/` and `postgres/` implement it, and each operation is documented where it is declared
 * (`messages/operations.ts` and its siblings). The promise of a change resolves after the change has been committed and
 * synced to disk. Every change of a room is an event with the room's next `seq`, written in the transaction of the state
 * that it changes, so that `seq` has neither gaps nor duplicates. Every method rejects with a `StoreError`, whose
 * `isTransient` says whether a later attempt can succeed.
 */
export interface Store {
  /** Changes when this database no longer continues what clients have seen: it was restored from a backup. */
  readonly epoch: string;

  readonly rooms: RoomStore;
  readonly messages: MessageStore;
  readonly files: FileStore;
  readonly members: MemberStore;
  readonly eventLog: EventLog;
  readonly search: SearchStore;
  readonly markers: MarkerStore;
  readonly preferences: PreferenceStore;
  readonly settings: SettingsStore;
  readonly audit: AuditStore;
  readonly changes: ChangeFeed;

  /** Resolves when the database answers a read and takes a write; rejects with the failure. For `/readyz` and `doctor`. */
  check(): Promise<void>;
  /** Returns the memory that only the start needed to the system. Calls wait for it, about 40 ms. */
  releaseMemory(): void;
  /** Finishes the pending calls, then closes the files. */
  close(): Promise<void>;
}

/** The store, with the accounts, which `Accounts` alone uses. */
export interface ChatStore extends Store {
  readonly people: AccountStore;
}

type MessageOperations = Omit<StoreOperations["messages"], "append">;

export interface MessageStore extends MessageOperations {
  /**
   * Posts a message. A retry with the same (room, author, clientId) is `repeated`, also where the room has changed since.
   * Appends that arrive during a commit form the next transaction; rejects as `busy` when the queue is full.
   */
  append(message: NewMessage): Promise<AppendResult>;
}

/** What is known of uploaded files; their contents are elsewhere, by their keys. */
export type FileStore = StoreOperations["files"];
export type MemberStore = StoreOperations["members"];
export type EventLog = StoreOperations["eventLog"];
export type SearchStore = StoreOperations["search"];
export type MarkerStore = StoreOperations["markers"];
export type PreferenceStore = StoreOperations["preferences"];

/** The audit log: entries are only ever added, and each holds the hash of the one before it. */
export type AuditStore = StoreOperations["audit"] & {
  /**
   * Notifies of every entry after its commit, before the promise of its change resolves; of those of other processes within
   * 250 ms. Returns the function that removes the listener.
   */
  onAppended(listener: AuditListener): () => void;
};

export type AuditListener = (entry: AuditEntry, source: ChangeSource) => void;
export type SettingsStore = StoreOperations["settings"];

type RoomOperations = StoreOperations["rooms"];

/** Rooms are read from memory, which has this process's changes at once and those of others within 250 ms. */
export interface RoomStore extends RoomOperations {
  /** Returns every room that is not deleted, ordered by number. */
  list(): Promise<readonly StoredRoom[]>;
  /** Finds a room by its id or number; a number may be a string of decimal digits without sign or leading zero. */
  find(address: string | number): Promise<StoredRoom | undefined>;
}

type ChangeFeedOperations = StoreOperations["changes"];

/**
 * The changes that other processes have committed since this one opened the database. Adding a listener returns the
 * function that removes it.
 */
export interface ChangeFeed extends ChangeFeedOperations {
  /** Reads what other processes have committed now instead of within 200 ms: it is there before any read that follows. */
  poll(): void;
  /** Notifies of each change, in order. */
  onChange(listener: (change: StoreChange) => void): () => void;
  /** Notifies of the head of a room's log after it has grown by any kind of event. */
  onLogGrown(listener: (room: string, seq: number) => void): () => void;
}
