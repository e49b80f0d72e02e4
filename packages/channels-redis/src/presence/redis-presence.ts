import { ChannelsError, type ClockTimer, checkGroupName, checkOptions } from "@multichat/channels/layer";
import {
  checkPresenceId,
  PRESENCE_OPTION_NAMES,
  type Presence,
  type PresenceCounts,
  type PresenceDiff,
  type PresenceOptions,
  type PresenceStats,
  type PresenceWatch,
  PresenceWatchers,
  type PresentMember,
  type ResolvedPresenceOptions,
  resolvePresenceOptions,
} from "@multichat/channels/presence";
import { type EncryptionKeys, resolveEncryptionKeys } from "../codec/encryption-keys.ts";
import {
  CONNECTION_OPTION_NAMES,
  type RedisConnectionOptions,
  resolveConnectionOptions,
} from "../connection/connection-options.ts";
import { hostIndex } from "../consistent-hash.ts";
import { disconnectedError } from "../layer-errors.ts";
import { makePresenceNames } from "./presence-names.ts";
import { type JoinedMembership, type PresenceChange, PresenceShard } from "./presence-shard.ts";

/** The options of presence on Redis. `clock` times waits in this process; the server times grace periods and leases. */
export interface RedisPresenceOptions extends PresenceOptions, RedisConnectionOptions {
  /**
   * Key phrases. With one, a reader of the server cannot recognize groups, members and connections, and a program without it
   * cannot add a member. All processes need the same first one; the others have no effect, so that the same list can be given to
   * layers.
   * @default []
   */
  readonly symmetricEncryptionKeys?: EncryptionKeys;
}

/** The delay before a failed change is made up for by a resync. */
const RESYNC_RETRY_MS = 500;
/** How long `close` may spend ending this process's memberships. */
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * Presence on Redis, for any number of processes and machines. `hosts` share the groups, like those of a layer.
 *
 * When a server returns, with or without its data, every process writes its memberships again. A member counts as having
 * left in the meantime only if it is still missing after the grace period.
 */
export class RedisPresence implements Presence {
  readonly #options: ResolvedPresenceOptions;
  readonly #shards: readonly PresenceShard[];
  readonly #watches: PresenceWatchers;
  /** The members that watchers know of, by group: after a gap, missed changes are the difference from the roster. */
  readonly #knownMembers = new Map<string, Set<string>>();
  /** The memberships of this process: connection -> group -> member. */
  readonly #memberships = new Map<string, Map<string, string>>();
  readonly #timers = new Set<ClockTimer>();
  readonly #pendingResyncs = new Set<PresenceShard>();
  #scheduledSweep: { readonly timer: ClockTimer; readonly at: number } | undefined;
  #renewalTimer: ClockTimer | undefined;
  #isClosed = false;

  /** Starts to connect. @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: RedisPresenceOptions = {}) {
    const names = { ...CONNECTION_OPTION_NAMES, ...PRESENCE_OPTION_NAMES, symmetricEncryptionKeys: true };
    checkOptions<RedisPresenceOptions>(options, names);
    const { hosts, prefix, timing } = resolveConnectionOptions(options);
    this.#options = resolvePresenceOptions(options);
    this.#watches = new PresenceWatchers(this.#options);
    const [key] = resolveEncryptionKeys(options.symmetricEncryptionKeys);
    const shardOptions = { names: makePresenceNames(key), prefix, leaseMs: this.#options.leaseMs, timing };
    this.#shards = hosts.map((host) => {
      const shard: PresenceShard = new PresenceShard(host, shardOptions, {
        joinedMemberships: () => this.#membershipsOn(shard),
        isJoined: ({ group, member, connection }) => this.#memberships.get(connection)?.get(group) === member,
        changed: (change) => this.#applyChange(change),
        gap: () => this.#handleGap(shard),
        sweepDueIn: (ms) => this.#scheduleSweep(ms),
        failed: (error) => this.#options.onError(error, prefix),
      });
      return shard;
    });
  }

  /** Resolves when every server has answered; rejects with the reason if one does not. Other calls wait for it anyway. */
  async ready(): Promise<void> {
    await Promise.all(this.#shards.map((shard) => shard.ready()));
  }

  /** While the server is unavailable, the member joins on reconnect. @throws LayerDisconnected when it has never answered. */
  async join(group: string, member: string, connection: string): Promise<void> {
    this.#assertOpen("join");
    checkGroupName(group);
    checkPresenceId("member", member);
    checkPresenceId("connection", connection);
    const groups = this.#memberships.get(connection) ?? new Map<string, string>();
    this.#memberships.set(connection, groups.set(group, member));
    this.#renewalTimer ??= this.#options.clock.setTimeout(() => this.#renewLeases(), this.#options.renewMs);
    const shard = this.#shardOf(group);
    try {
      await this.#runOrResync(shard, shard.join({ group, member, connection }));
    } catch (error) {
      if (groups.get(group) === member) this.#forget(connection, group);
      throw error;
    }
  }

  async leave(group: string, connection: string): Promise<void> {
    if (this.#memberships.get(connection)?.has(group) !== true) return;
    this.#forget(connection, group);
    const shard = this.#shardOf(group);
    await this.#runOrResync(shard, shard.leave(connection, [group], 0));
  }

  async disconnect(connection: string): Promise<void> {
    const groups = [...(this.#memberships.get(connection)?.keys() ?? [])];
    for (const group of groups) this.#forget(connection, group);
    const leaving = this.#shards.map(async (shard) => {
      const onShard = groups.filter((group) => this.#shardOf(group) === shard);
      if (onShard.length > 0) await this.#runOrResync(shard, shard.leave(connection, onShard, this.#options.graceMs));
    });
    await Promise.all(leaving);
  }

  /** @throws LayerDisconnected, like all queries. */
  async counts(group: string): Promise<PresenceCounts> {
    checkGroupName(group);
    const [members, connections] = await asLayerError(this.#shardOf(group).counts(group));
    return { members, connections };
  }

  async members(group: string): Promise<readonly PresentMember[]> {
    checkGroupName(group);
    return await asLayerError(this.#shardOf(group).roster(group));
  }

  async has(group: string, member: string): Promise<boolean> {
    checkGroupName(group);
    return await asLayerError(this.#shardOf(group).has(group, member));
  }

  async watch(group: string, listener: (diff: PresenceDiff) => void): Promise<PresenceWatch> {
    this.#assertOpen("watch");
    checkGroupName(group);
    const shard = this.#shardOf(group);
    const end = this.#watches.add(group, listener);
    const stop = async () => {
      if (!end().isLast) return;
      this.#knownMembers.delete(group);
      shard.unwatch(group);
      this.#stopIfIdle();
    };
    const known = this.#knownMembers.get(group) ?? new Set<string>();
    this.#knownMembers.set(group, known);
    try {
      // Subscribes before it reads: a change in between is reported twice rather than missed.
      await asLayerError(shard.watch(group));
      const members = (await this.members(group)).map(({ member }) => member);
      if (known.size === 0) for (const member of members) known.add(member);
      this.#scheduleSweep(this.#options.renewMs);
      return { members, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  }

  /** Returns the numbers of this process's connections, and of their groups and members. */
  stats(): PresenceStats {
    const members = new Set<string>();
    const groups = new Set<string>();
    for (const joined of this.#memberships.values()) {
      for (const [group, member] of joined) {
        groups.add(group);
        members.add(`${group} ${member}`);
      }
    }
    return {
      groups: groups.size,
      members: members.size,
      connections: this.#memberships.size,
      watches: this.#watches.size,
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watches.close();
    this.#knownMembers.clear();
    this.#memberships.clear();
    this.#stopIfIdle();
    for (const timer of this.#timers) this.#options.clock.clearTimeout(timer);
    this.#timers.clear();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    // On an unreachable server the lease ends by itself.
    const leaving = this.#shards.map((shard) => shard.leaveAll(this.#options.graceMs).catch(() => undefined));
    await Promise.race([Promise.all(leaving), timeout]);
    clearTimeout(timer);
    await Promise.all(this.#shards.map((shard) => shard.close()));
  }

  #assertOpen(operation: string): void {
    if (this.#isClosed) throw new ChannelsError("PresenceClosed", { operation });
  }

  #shardOf(group: string): PresenceShard {
    const shard = this.#shards[hostIndex(group, this.#shards.length)];
    if (shard === undefined) throw new RangeError(`no server for ${group}`);
    return shard;
  }

  *#membershipsOn(shard: PresenceShard): Iterable<JoinedMembership> {
    for (const [connection, groups] of this.#memberships) {
      for (const [group, member] of groups) {
        if (this.#shardOf(group) === shard) yield { group, member, connection };
      }
    }
  }

  /** Runs a change; if it fails on a server that has been connected before, a resync makes up for it. */
  async #runOrResync(shard: PresenceShard, change: Promise<void>): Promise<void> {
    try {
      await change;
    } catch (error) {
      if (this.#isClosed) return;
      if (!shard.hasConnected) return await asLayerError(Promise.reject(error));
      await this.#reportUnlessAway(shard, error);
      this.#scheduleResync(shard);
    }
  }

  #scheduleResync(shard: PresenceShard): void {
    if (this.#pendingResyncs.has(shard) || this.#isClosed) return;
    this.#pendingResyncs.add(shard);
    this.#setTimer(RESYNC_RETRY_MS, () => {
      this.#pendingResyncs.delete(shard);
      void this.#runOrResync(shard, shard.resync());
    });
  }

  #forget(connection: string, group: string): void {
    const groups = this.#memberships.get(connection);
    groups?.delete(group);
    if (groups?.size === 0) this.#memberships.delete(connection);
    this.#stopIfIdle();
  }

  #applyChange({ group, member, isPresent, members }: PresenceChange): void {
    const known = this.#knownMembers.get(group);
    if (known === undefined || known.has(member) === isPresent) return;
    if (isPresent) known.add(member);
    else known.delete(member);
    this.#watches.recordChange(group, member, { isPresent, members });
  }

  #handleGap(shard: PresenceShard): void {
    if (this.#isClosed) return;
    void this.#runOrResync(shard, shard.resync());
    // Arrivals are reported at once. Missing members may belong to a process that has not reconnected yet.
    void this.#reconcile(shard, { departures: false });
    this.#setTimer(this.#options.graceMs, () => void this.#reconcile(shard, { departures: true }));
  }

  /** Reports the differences between what the watchers know and the server's rosters. */
  async #reconcile(shard: PresenceShard, { departures }: { readonly departures: boolean }): Promise<void> {
    for (const [group, known] of [...this.#knownMembers]) {
      if (this.#shardOf(group) !== shard) continue;
      try {
        const present = new Set((await shard.roster(group)).map(({ member }) => member));
        const members = present.size;
        for (const member of present) this.#applyChange({ group, member, isPresent: true, members });
        if (!departures) continue;
        for (const member of [...known]) {
          if (!present.has(member)) this.#applyChange({ group, member, isPresent: false, members });
        }
      } catch (error) {
        // Where the server is unavailable again, the next gap reconciles again.
        return await this.#reportUnlessAway(shard, error);
      }
    }
  }

  /** A connected server that refuses (no memory, no permission) may recover, but the operator should know. */
  async #reportUnlessAway(shard: PresenceShard, error: unknown): Promise<void> {
    // The `close` event of a lost connection comes within this turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    if (!this.#isClosed && shard.isReady) this.#options.onError(error, "");
  }

  #renewLeases(): void {
    this.#renewalTimer = undefined;
    if (this.#isClosed || this.#memberships.size === 0) return;
    this.#renewalTimer = this.#options.clock.setTimeout(() => this.#renewLeases(), this.#options.renewMs);
    for (const shard of this.#shards) void this.#runOrResync(shard, shard.renewLease());
  }

  /** Schedules a sweep. Every process schedules one when a grace period or a lease ends, and the first one does the work. */
  #scheduleSweep(ms: number): void {
    if (this.#isClosed || (this.#memberships.size === 0 && this.#knownMembers.size === 0)) return;
    const { clock, renewMs } = this.#options;
    const at = clock.now() + Math.min(ms, renewMs) + 1;
    if (this.#scheduledSweep !== undefined) {
      if (this.#scheduledSweep.at <= at) return;
      clock.clearTimeout(this.#scheduledSweep.timer);
    }
    this.#scheduledSweep = { at, timer: clock.setTimeout(() => void this.#runSweep(), at - clock.now()) };
  }

  async #runSweep(): Promise<void> {
    this.#scheduledSweep = undefined;
    // Always schedules another sweep: a lease of another process may begin after this one.
    this.#scheduleSweep(this.#options.renewMs);
    await Promise.all(
      this.#shards.map((shard) => shard.sweep().catch((error: unknown) => this.#reportUnlessAway(shard, error))),
    );
  }

  #setTimer(ms: number, task: () => void): void {
    const { clock } = this.#options;
    const timer = clock.setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, ms);
    this.#timers.add(timer);
  }

  #stopIfIdle(): void {
    const { clock } = this.#options;
    if (this.#memberships.size > 0) return;
    if (this.#renewalTimer !== undefined) clock.clearTimeout(this.#renewalTimer);
    this.#renewalTimer = undefined;
    if (this.#knownMembers.size > 0 || this.#scheduledSweep === undefined) return;
    clock.clearTimeout(this.#scheduledSweep.timer);
    this.#scheduledSweep = undefined;
  }
}

/** @throws LayerDisconnected for any failure of a server. */
async function asLayerError<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    throw disconnectedError(error);
  }
}
