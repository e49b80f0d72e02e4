import { ChannelsError } from "../errors.ts";
import type { ClockTimer } from "../layer/clock.ts";
import { checkGroupName } from "../layer/names.ts";
import { checkOptions } from "../options.ts";
import { InMemoryPresenceStore, type PresenceStoreClient } from "./in-memory-presence-store.ts";
import { JoinedGroups } from "./joined-groups.ts";
import type {
  Presence,
  PresenceCounts,
  PresenceDiff,
  PresenceStats,
  PresenceWatch,
  PresentMember,
} from "./presence.ts";
import {
  checkPresenceId,
  PRESENCE_OPTION_NAMES,
  type PresenceOptions,
  type ResolvedPresenceOptions,
  resolvePresenceOptions,
} from "./presence-options.ts";
import { PresenceWatchers } from "./presence-watchers.ts";

/** The options of an in-memory presence. */
export interface InMemoryPresenceOptions extends PresenceOptions {
  /**
   * A store that several presences share. Its grace period and lease apply to all of them.
   * @default a new store with the same options
   */
  readonly store?: InMemoryPresenceStore;
}

/** A presence within one process. */
export class InMemoryPresence implements Presence {
  readonly #options: ResolvedPresenceOptions;
  readonly #store: InMemoryPresenceStore;
  readonly #watchers: PresenceWatchers;
  readonly #storeClient: PresenceStoreClient;
  /** The joined members by connection and group, from which an expired lease is restored. */
  readonly #joined = new Map<string, JoinedGroups>();
  #renewal: ClockTimer | undefined;
  #closed = false;

  /** @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: InMemoryPresenceOptions = {}) {
    checkOptions<InMemoryPresenceOptions>(options, { ...PRESENCE_OPTION_NAMES, store: true });
    this.#options = resolvePresenceOptions(options);
    const { store, ...storeOptions } = options;
    this.#store = store ?? new InMemoryPresenceStore(storeOptions);
    this.#watchers = new PresenceWatchers(this.#options);
    this.#storeClient = {
      onChange: (group, member, change) => this.#watchers.recordChange(group, member, change),
    };
    this.#store.addClient(this.#storeClient);
  }

  async join(group: string, member: string, connection: string): Promise<void> {
    this.#assertOpen("join");
    checkGroupName(group);
    checkPresenceId("member", member);
    checkPresenceId("connection", connection);
    const groups = this.#joined.get(connection) ?? new JoinedGroups();
    groups.set(group, member);
    this.#joined.set(connection, groups);
    this.#store.join(this.#storeClient, group, member, connection);
    this.#scheduleRenewal();
  }

  async leave(group: string, connection: string): Promise<void> {
    const groups = this.#joined.get(connection);
    if (groups?.delete(group) !== true) return;
    this.#store.leave(group, connection);
    if (groups.size === 0) this.#forget(connection);
  }

  async disconnect(connection: string): Promise<void> {
    if (!this.#joined.has(connection)) return;
    this.#store.disconnect(connection);
    this.#forget(connection);
  }

  async counts(group: string): Promise<PresenceCounts> {
    checkGroupName(group);
    return this.#store.counts(group);
  }

  async members(group: string): Promise<readonly PresentMember[]> {
    checkGroupName(group);
    return this.#store.members(group);
  }

  async has(group: string, member: string): Promise<boolean> {
    checkGroupName(group);
    return this.#store.has(group, member);
  }

  async watch(group: string, listener: (diff: PresenceDiff) => void): Promise<PresenceWatch> {
    this.#assertOpen("watch");
    checkGroupName(group);
    const end = this.#watchers.add(group, listener);
    return {
      members: this.#store.members(group).map(({ member }) => member),
      stop: async () => {
        end();
      },
    };
  }

  stats(): PresenceStats {
    return { ...this.#store.stats(), connections: this.#joined.size, watches: this.#watchers.size };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#watchers.close();
    this.#joined.clear();
    this.#stopRenewal();
    this.#store.removeClient(this.#storeClient);
  }

  #assertOpen(operation: string): void {
    if (this.#closed) throw new ChannelsError("PresenceClosed", { operation });
  }

  #forget(connection: string): void {
    this.#joined.delete(connection);
    if (this.#joined.size === 0) this.#stopRenewal();
  }

  #scheduleRenewal(): void {
    this.#renewal ??= this.#options.clock.setTimeout(() => this.#renew(), this.#options.renewMs);
  }

  #stopRenewal(): void {
    if (this.#renewal !== undefined) this.#options.clock.clearTimeout(this.#renewal);
    this.#renewal = undefined;
  }

  /** Renews the lease. If it has expired because the process was suspended, joins all members again. */
  #renew(): void {
    this.#renewal = undefined;
    this.#scheduleRenewal();
    if (this.#store.renewLease(this.#storeClient)) return;
    for (const [connection, groups] of this.#joined) {
      for (const [group, member] of groups.entries()) this.#store.join(this.#storeClient, group, member, connection);
    }
  }
}
