import type { AuditEntry } from "@multichat/protocol";
import type { BackgroundErrors } from "../background-errors.ts";
import type { StoreOperations } from "../operations.ts";
import type { AccountListener } from "../people/account-store.ts";
import type { RoomCache } from "../rooms/room-cache.ts";
import type { AuditListener } from "../store.ts";
import { asStoreError, type StoreError } from "../store-error.ts";
import type { ChangeFeedPage, ChangeSource, StoreChange } from "./store-change.ts";

/** Between two attempts to reload what the change feed says, or what a gap in it may have hidden. */
const RELOAD_INTERVAL_MS = 1_000;

type Loads = Pick<StoreOperations, "roomLoads" | "people">;

/** Updates the room cache by the change feed, and notifies the listeners of its changes. */
export class ChangeDispatcher {
  readonly #loads: Loads;
  readonly #rooms: RoomCache;
  readonly #errors: Pick<BackgroundErrors, "report">;
  readonly #changeListeners = new Set<(change: StoreChange) => void>();
  readonly #logListeners = new Set<(room: string, seq: number) => void>();
  readonly #accountListeners = new Set<AccountListener>();
  readonly #auditListeners = new Set<AuditListener>();

  constructor(loads: Loads, rooms: RoomCache, errors: Pick<BackgroundErrors, "report">) {
    this.#loads = loads;
    this.#rooms = rooms;
    this.#errors = errors;
  }

  onChange(listener: (change: StoreChange) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  onLogGrown(listener: (room: string, seq: number) => void): () => void {
    this.#logListeners.add(listener);
    return () => this.#logListeners.delete(listener);
  }

  onAccountChange(listener: AccountListener): () => void {
    this.#accountListeners.add(listener);
    return () => this.#accountListeners.delete(listener);
  }

  onAudit(listener: AuditListener): () => void {
    this.#auditListeners.add(listener);
    return () => this.#auditListeners.delete(listener);
  }

  /** Dispatches the changes of a commit of this process, before the calls that made them resolve. */
  dispatchOwn(changes: readonly StoreChange[]): void {
    for (const change of changes) {
      if (change.kind === "audit") this.#notifyAudit(change.entry, { isOwn: true });
      else this.#notifyAccounts(change, { isOwn: true });
    }
  }

  /** Dispatches the changes of other processes. `hasGap`: some were trimmed before this process read them. */
  dispatch({ entries, hasGap }: Pick<ChangeFeedPage, "entries" | "hasGap">): void {
    if (hasGap) void this.#reloadEverything();
    for (const { change, room } of entries) {
      if (change.kind === "tail") {
        this.#rooms.advance(change.room, change.seq);
        for (const listener of this.#logListeners) listener(change.room, change.seq);
        continue;
      }
      if (change.kind === "audit") {
        this.#notifyAudit(change.entry, { isOwn: false });
        continue;
      }
      if (change.kind === "log") this.#rooms.advance(change.room, change.seq);
      if (change.kind === "room" || change.kind === "member") {
        if (room === undefined) this.#rooms.remove(change.room);
        else this.#rooms.upsert(room);
      }
      this.#notify(change);
    }
  }

  #notify(change: StoreChange): void {
    this.#notifyAccounts(change, { isOwn: false });
    this.#notifyListeners(change);
    if (change.kind === "user") void this.#reloadAndNotify(change.user);
  }

  #notifyListeners(change: StoreChange): void {
    for (const listener of this.#changeListeners) listener(change);
  }

  async #reloadAndNotify(user: string): Promise<void> {
    for (const room of await this.reloadDirectRooms(user)) this.#notifyListeners({ kind: "room", room });
  }

  #notifyAudit(entry: AuditEntry, source: ChangeSource): void {
    for (const listener of this.#auditListeners) listener(entry, source);
  }

  #notifyAccounts(change: StoreChange, source: ChangeSource): void {
    if (change.kind !== "user" && change.kind !== "session") return;
    for (const listener of this.#accountListeners) listener(change, source);
  }

  /**
   * Updates the cached direct conversations of a user, and returns their ids. They show the usernames of their people,
   * and who is deactivated.
   */
  async reloadDirectRooms(user: string): Promise<readonly string[]> {
    const direct = this.#rooms.list().filter(({ people }) => people.some(({ id }) => id === user));
    try {
      const rooms = await Promise.all(direct.map(({ id }) => this.#loads.roomLoads.find({ id })));
      for (const room of rooms) if (room !== undefined) this.#rooms.upsert(room);
      return direct.map(({ id }) => id);
    } catch (error) {
      const failure = asStoreError(error);
      this.#errors.report("reload rooms", failure);
      // The old names stay meanwhile, and who is deactivated.
      if (canRetry(failure)) setTimeout(() => void this.#reloadAndNotify(user), RELOAD_INTERVAL_MS).unref();
      return [];
    }
  }

  /**
   * Reloads the rooms after the change feed had a gap, and notifies of everything that may have changed. Tries again while the
   * database cannot be read: the gap comes only once.
   */
  async #reloadEverything(): Promise<void> {
    try {
      const rooms = await this.#loads.roomLoads.list();
      const existing = new Set(rooms.map(({ id }) => id));
      for (const { id } of this.#rooms.list()) {
        if (existing.has(id)) continue;
        this.#rooms.remove(id);
        this.#notify({ kind: "room", room: id });
      }
      for (const room of rooms) {
        this.#rooms.upsert(room);
        this.#notify({ kind: "room", room: room.id });
        for (const listener of this.#logListeners) listener(room.id, room.lastSeq);
      }
      for (const { id } of await this.#loads.people.list()) {
        this.#notify({ kind: "user", user: id });
        this.#notify({ kind: "session", user: id, session: null });
      }
      this.#notify({ kind: "settings" });
    } catch (error) {
      const failure = asStoreError(error);
      this.#errors.report("reload rooms", failure);
      if (canRetry(failure)) setTimeout(() => void this.#reloadEverything(), RELOAD_INTERVAL_MS).unref();
    }
  }
}

function canRetry({ isTransient, code }: StoreError): boolean {
  return isTransient && code !== "closed";
}
