import type { RoomPreference } from "@multichat/protocol";
import { ComputedStore } from "../core/computed-store.ts";
import type { NotificationBatch } from "../core/notification-batch.ts";
import { CommandError, ConnectionLost } from "../model/errors.ts";
import type { RoomPreferenceChange, RoomPreferences } from "../model/room-preferences.ts";
import type { ConnectionScope } from "../transport/connection-scope.ts";
import type { RetryingRequests } from "../transport/retrying-requests.ts";

export interface PreferenceStoreOptions {
  readonly batch: NotificationBatch;
  readonly retryingRequests: Pick<RetryingRequests, "request">;
}

interface PendingChange {
  readonly room: string;
  readonly change: RoomPreferenceChange;
}

/** The preferences as the server last reported them, with the changes that it has not answered. */
export class PreferenceStore implements RoomPreferences {
  readonly #options: PreferenceStoreOptions;
  readonly #store: ComputedStore<ReadonlyMap<string, RoomPreference>>;
  #reported = new Map<string, RoomPreference>();
  readonly #pending = new Set<PendingChange>();
  /** The last change of each room that has no answer. The next one waits for it: one that is sent again must not undo a newer one. */
  readonly #lastChanges = new Map<string, Promise<unknown>>();
  /** Rooms that an event has reported since the list was requested, which may be older. */
  #changedSinceRequest: Set<string> | undefined;
  /** Increases when another user may have signed in. */
  #generation = 0;

  constructor(options: PreferenceStoreOptions) {
    this.#options = options;
    this.#store = new ComputedStore<ReadonlyMap<string, RoomPreference>>(options.batch, () => this.#compute());
  }

  get get() {
    return this.#store.get;
  }

  get subscribe() {
    return this.#store.subscribe;
  }

  readonly set = async (room: string, change: RoomPreferenceChange): Promise<void> => {
    const pending = { room, change };
    const generation = this.#generation;
    this.#pending.add(pending);
    this.#store.invalidate();
    const earlier = this.#lastChanges.get(room);
    const answered = this.#send(pending, earlier);
    this.#lastChanges.set(room, answered);
    try {
      const preference = await answered;
      if (generation === this.#generation) this.update(preference);
    } finally {
      if (this.#lastChanges.get(room) === answered) this.#lastChanges.delete(room);
      this.#pending.delete(pending);
      this.#store.invalidate();
    }
  };

  async #send({ room, change }: PendingChange, earlier: Promise<unknown> | undefined): Promise<RoomPreference> {
    const generation = this.#generation;
    // Its own caller hears of its failure.
    await earlier?.catch(() => {});
    if (generation !== this.#generation) {
      throw new ConnectionLost("Another user may have signed in since preference.set was requested.");
    }
    return await this.#options.retryingRequests.request("preference.set", { room, ...change });
  }

  /** Requests the whole list. Resolves with false where that is not possible. */
  async load(scope: ConnectionScope): Promise<boolean> {
    this.#changedSinceRequest = new Set();
    try {
      const list = await scope.request("preference.list", {});
      if (list === undefined) return false;
      this.#replace(list.preferences);
      return true;
    } catch (error) {
      // An earlier server does not know the command.
      if (error instanceof CommandError) return false;
      throw error;
    }
  }

  /** Applies the event `preference.changed`, or a reply. */
  update({ room, notify, starred }: RoomPreference): void {
    this.#changedSinceRequest?.add(room);
    this.#reported.set(room, { room, notify, starred });
    this.#store.invalidate();
  }

  /** Uses the persisted list, until the server's is known. */
  restore(preferences: readonly RoomPreference[]): void {
    this.#replace(preferences);
  }

  /** Forgets everything, because another user may sign in. */
  forget(): void {
    this.#generation += 1;
    this.#reported = new Map();
    this.#pending.clear();
    this.#lastChanges.clear();
    this.#changedSinceRequest = undefined;
    this.#store.invalidate();
  }

  #replace(preferences: readonly RoomPreference[]): void {
    const changed = this.#changedSinceRequest ?? new Set<string>();
    this.#changedSinceRequest = undefined;
    const replaced = new Map(preferences.map((preference) => [preference.room, preference]));
    for (const room of changed) {
      const newer = this.#reported.get(room);
      if (newer !== undefined) replaced.set(room, newer);
    }
    this.#reported = replaced;
    this.#store.invalidate();
  }

  #compute(): ReadonlyMap<string, RoomPreference> {
    const computed = new Map(this.#reported);
    for (const { room, change } of this.#pending) {
      const before = computed.get(room) ?? { room, notify: "default", starred: false };
      computed.set(room, { ...before, ...change });
    }
    return computed;
  }
}
