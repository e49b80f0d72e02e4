import type { Presence, PresenceStatus } from "@multichat/protocol";
import { ComputedStore } from "../core/computed-store.ts";
import type { Readable } from "../core/readable.ts";
import type { ConnectionScope } from "../transport/connection-scope.ts";
import { ignoreRefusal } from "./ignore-refusal.ts";
import { type OwnPresenceOptions, OwnPresenceReporter } from "./own-presence-reporter.ts";
import type { OwnPresence, Presences } from "./presences.ts";

/** The most users in one `presence.list`, by the protocol. */
const MAX_USERS_PER_REQUEST = 500;
/** The most users whose presence is remembered without a subscriber. */
const MAX_REMEMBERED = 1_000;

interface Entry {
  readonly store: ComputedStore<Presence | undefined>;
  presence: Presence | undefined;
  /** Increases with every update, so that an answer to an older request is ignored. */
  generation: number;
}

/** The presence of the users that have subscribers, and of the signed-in user. */
export class PresenceStore implements Presences {
  readonly #options: OwnPresenceOptions;
  readonly #own: OwnPresenceReporter;
  readonly #entries = new Map<string, Entry>();
  readonly #toRequest = new Set<string>();
  /** Undefined until the connection has caught up. */
  #scope: ConnectionScope | undefined;

  constructor(options: OwnPresenceOptions) {
    this.#options = options;
    this.#own = new OwnPresenceReporter(options);
  }

  get own(): Readable<OwnPresence> {
    return this.#own.store;
  }

  readonly of = (userId: string): Readable<Presence | undefined> => this.#entry(userId).store;

  readonly set = (status: PresenceStatus, text = ""): void => this.#own.set({ status, text });

  /** Watches whether the page is visible, until `unwatch`. */
  watch(): void {
    this.#own.watch();
  }

  unwatch(): void {
    this.#own.unwatch();
  }

  connected(scope: ConnectionScope): void {
    this.#scope = scope;
    this.#own.connected(scope);
    for (const [userId, { store }] of this.#entries) if (store.hasListeners) this.#requestSoon(userId);
  }

  disconnected(): void {
    this.#scope = undefined;
    this.#own.disconnected();
    this.#toRequest.clear();
  }

  /** Applies the event `presence.changed`. */
  update({ user, status, text }: Presence): void {
    const entry = this.#entries.get(user);
    if (entry !== undefined) this.#set(entry, { user, status, text });
  }

  /** Forgets everything, because another user may sign in. */
  forget(): void {
    this.#own.forget();
    for (const [userId, entry] of [...this.#entries]) {
      this.#set(entry, undefined);
      if (!entry.store.hasListeners) this.#entries.delete(userId);
    }
  }

  #entry(userId: string): Entry {
    const known = this.#entries.get(userId);
    if (known !== undefined) return known;
    this.#dropOldest();
    const entry: Entry = {
      store: new ComputedStore<Presence | undefined>(
        this.#options.batch,
        () => entry.presence,
        () => this.#requestSoon(userId),
      ),
      presence: undefined,
      generation: 0,
    };
    this.#entries.set(userId, entry);
    return entry;
  }

  #dropOldest(): void {
    if (this.#entries.size < MAX_REMEMBERED) return;
    for (const [userId, { store }] of this.#entries) {
      if (this.#entries.size < MAX_REMEMBERED) return;
      if (!store.hasListeners) this.#entries.delete(userId);
    }
  }

  #set(entry: Entry, presence: Presence | undefined): void {
    entry.generation += 1;
    const previous = entry.presence;
    if (previous?.status === presence?.status && previous?.text === presence?.text) return;
    entry.presence = presence;
    entry.store.invalidate();
  }

  /** Requests the presence of all users that got a subscriber in this turn together. */
  #requestSoon(userId: string): void {
    const scope = this.#scope;
    if (scope === undefined) return;
    if (this.#toRequest.size === 0) {
      queueMicrotask(() => {
        const userIds = [...this.#toRequest];
        this.#toRequest.clear();
        for (let from = 0; from < userIds.length; from += MAX_USERS_PER_REQUEST) {
          void this.#request(scope, userIds.slice(from, from + MAX_USERS_PER_REQUEST));
        }
      });
    }
    this.#toRequest.add(userId);
  }

  async #request(scope: ConnectionScope, users: readonly string[]): Promise<void> {
    const generations = new Map(users.map((user) => [user, this.#entries.get(user)?.generation]));
    try {
      const result = await scope.request("presence.list", { users });
      if (result === undefined) return;
      const listed = new Map(result.presences.map((presence) => [presence.user, presence]));
      for (const user of users) {
        const entry = this.#entries.get(user);
        // An event that arrived since is newer than the answer.
        if (entry === undefined || entry.generation !== generations.get(user)) continue;
        this.#set(entry, listed.get(user) ?? { user, status: "offline", text: "" });
      }
    } catch (error) {
      // The user may not see these presences: they stay unknown.
      ignoreRefusal(error);
    }
  }
}
