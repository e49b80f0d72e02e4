import { ChannelsError, type ClockTimer, checkGroupName } from "@multichat/channels/layer";
import {
  checkPresenceId,
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
import { type RedisConnectionOptions, resolveConnectionOptions } from "../connection/connection-options.ts";
import { hostIndex } from "../consistent-hash.ts";
import { type JoinedMembership, PresenceShard, rethrowDisconnected } from "./presence-shard.ts";

/** What a presence on Redis can be told. A `clock` measures its own waits; graces and leases are by the server's. */
export interface RedisPresenceOptions extends PresenceOptions, RedisConnectionOptions {}

/** Who a watcher has been told is there: what was missed while the server was away is told from the difference. */
interface WatchedGroup {
  readonly known: Set<string>;
}

/** Milliseconds until what could not be said is tried again. */
const RESYNC_RETRY_MS = 500;
/** Milliseconds that `close` spends on saying good-bye. */
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * Presence on Redis, over any number of processes and machines. Groups are shared between `hosts` like those of a layer.
 *
 * A server that was away, with or without its data, is told anew who is here, by every process; a member is taken to have
 * gone in that time only if it is not back a grace later.
 */
export class RedisPresence implements Presence {
  readonly #options: ResolvedPresenceOptions;
  readonly #shards: readonly PresenceShard[];
  readonly #watches: PresenceWatchers;
  readonly #watchedGroups = new Map<string, WatchedGroup>();
  /** What this process joined: connection -> group -> member. */
  readonly #joined = new Map<string, Map<string, string>>();
  readonly #timers = new Set<ClockTimer>();
  readonly #pendingResyncs = new Set<PresenceShard>();
  #sweep: { readonly timer: ClockTimer; readonly at: number } | undefined;
  #renewal: ClockTimer | undefined;
  #isClosed = false;

  /** Begins to connect. @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: RedisPresenceOptions = {}) {
    const { hosts, prefix, timing } = resolveConnectionOptions(options);
    this.#options = resolvePresenceOptions(options);
    this.#watches = new PresenceWatchers(this.#options);
    this.#shards = hosts.map((host) => {
      const link: PresenceShard = new PresenceShard(host, prefix, this.#options.leaseMs, timing, {
        joinedMemberships: () => this.#joinedOn(link),
        isJoined: ({ group, member, connection }) => this.#joined.get(connection)?.get(group) === member,
        changed: (group, member, present, members) => this.#applyChange(group, member, present, members),
        gap: () => this.#onGap(link),
        sweepDueIn: (ms) => this.#scheduleSweep(ms),
        failed: (error) => this.#options.onError(error, prefix),
      });
      return link;
    });
  }

  /** Resolves when every server has answered; rejects with what is wrong. Other calls wait for it by themselves. */
  async ready(): Promise<void> {
    await Promise.all(this.#shards.map((link) => link.ready()));
  }

  /** While the server is away the member joins when it is back. @throws LayerDisconnected when it never answered. */
  async join(group: string, member: string, connection: string): Promise<void> {
    this.#assertOpen("join");
    checkGroupName(group);
    checkPresenceId("member", member);
    checkPresenceId("connection", connection);
    const groups = this.#joined.get(connection) ?? new Map<string, string>();
    this.#joined.set(connection, groups.set(group, member));
    this.#renewal ??= this.#options.clock.setTimeout(() => this.#renewLeases(), this.#options.renewMs);
    const link = this.#shardOf(group);
    try {
      await this.#runOrResync(link, link.join({ group, member, connection }));
    } catch (error) {
      if (groups.get(group) === member) this.#forget(connection, group);
      throw error;
    }
  }

  async leave(group: string, connection: string): Promise<void> {
    if (this.#joined.get(connection)?.has(group) !== true) return;
    this.#forget(connection, group);
    const link = this.#shardOf(group);
    await this.#runOrResync(link, link.leave(connection, [group], 0));
  }

  async disconnect(connection: string): Promise<void> {
    const groups = [...(this.#joined.get(connection)?.keys() ?? [])];
    for (const group of groups) this.#forget(connection, group);
    const parting = this.#shards.map(async (link) => {
      const there = groups.filter((group) => this.#shardOf(group) === link);
      if (there.length > 0) await this.#runOrResync(link, link.leave(connection, there, this.#options.graceMs));
    });
    await Promise.all(parting);
  }

  /** @throws LayerDisconnected, as do all that ask. */
  async counts(group: string): Promise<PresenceCounts> {
    checkGroupName(group);
    const [members, connections] = await rethrowDisconnected(this.#shardOf(group).counts(group));
    return { members, connections };
  }

  async members(group: string): Promise<readonly PresentMember[]> {
    checkGroupName(group);
    return await rethrowDisconnected(this.#shardOf(group).roster(group));
  }

  async has(group: string, member: string): Promise<boolean> {
    checkGroupName(group);
    return await rethrowDisconnected(this.#shardOf(group).has(group, member));
  }

  async watch(group: string, listener: (diff: PresenceDiff) => void): Promise<PresenceWatch> {
    this.#assertOpen("watch");
    checkGroupName(group);
    const link = this.#shardOf(group);
    const end = this.#watches.add(group, listener);
    const stop = async () => {
      if (!end().last) return;
      this.#watchedGroups.delete(group);
      link.unwatch(group);
      this.#stopIfIdle();
    };
    const view = this.#watchedGroups.get(group) ?? { known: new Set() };
    this.#watchedGroups.set(group, view);
    try {
      // First the ear, then the look: what changes in between is told twice rather than not at all.
      await rethrowDisconnected(link.watch(group));
      const members = (await this.members(group)).map(({ member }) => member);
      if (view.known.size === 0) for (const member of members) view.known.add(member);
      this.#scheduleSweep(this.#options.renewMs);
      return { members, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  }

  /** Of this process's connections: the groups and members that they stand for. */
  stats(): PresenceStats {
    const members = new Set<string>();
    const groups = new Set<string>();
    for (const joined of this.#joined.values()) {
      for (const [group, member] of joined) {
        groups.add(group);
        members.add(`${group} ${member}`);
      }
    }
    return {
      groups: groups.size,
      members: members.size,
      connections: this.#joined.size,
      watches: this.#watches.size,
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watches.close();
    this.#watchedGroups.clear();
    this.#joined.clear();
    this.#stopIfIdle();
    for (const timer of this.#timers) this.#options.clock.clearTimeout(timer);
    this.#timers.clear();
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    // A server that cannot be told sees the lease end.
    const leaving = this.#shards.map((link) => link.leaveAll(this.#options.graceMs).catch(() => undefined));
    await Promise.race([Promise.all(leaving), enough]);
    clearTimeout(timer);
    await Promise.all(this.#shards.map((link) => link.close()));
  }

  #assertOpen(operation: string): void {
    if (this.#isClosed) throw new ChannelsError("PresenceClosed", { operation });
  }

  #shardOf(group: string): PresenceShard {
    const link = this.#shards[hostIndex(group, this.#shards.length)];
    if (link === undefined) throw new RangeError(`no server for ${group}`);
    return link;
  }

  *#joinedOn(link: PresenceShard): Iterable<JoinedMembership> {
    for (const [connection, groups] of this.#joined) {
      for (const [group, member] of groups) {
        if (this.#shardOf(group) === link) yield { group, member, connection };
      }
    }
  }

  /** What could not be said is said when the server is back, with everything else. */
  async #runOrResync(link: PresenceShard, saying: Promise<void>): Promise<void> {
    try {
      await saying;
    } catch (error) {
      if (this.#isClosed) return;
      if (!link.hasConnected) return await rethrowDisconnected(Promise.reject(error));
      // A connection that was lost is known to be within this turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      // A server that is there and refuses (no memory, no permission) may mend, but somebody should know.
      if (link.isReady) this.#options.onError(error, "");
      this.#scheduleResync(link);
    }
  }

  #scheduleResync(link: PresenceShard): void {
    if (this.#pendingResyncs.has(link) || this.#isClosed) return;
    this.#pendingResyncs.add(link);
    this.#setTimer(RESYNC_RETRY_MS, () => {
      this.#pendingResyncs.delete(link);
      void this.#runOrResync(link, link.resync());
    });
  }

  #forget(connection: string, group: string): void {
    const groups = this.#joined.get(connection);
    groups?.delete(group);
    if (groups?.size === 0) this.#joined.delete(connection);
    this.#stopIfIdle();
  }

  #applyChange(group: string, member: string, present: boolean, members: number): void {
    const known = this.#watchedGroups.get(group)?.known;
    if (known === undefined || known.has(member) === present) return;
    if (present) known.add(member);
    else known.delete(member);
    this.#watches.recordChange(group, member, present, members);
  }

  #onGap(link: PresenceShard): void {
    if (this.#isClosed) return;
    void this.#runOrResync(link, link.resync());
    // Who came is told at once. Who seems to have gone may be of a process that is not back yet.
    void this.#reconcile(link, false);
    this.#setTimer(this.#options.graceMs, () => void this.#reconcile(link, true));
  }

  /** Compares what the watchers know with what is there. */
  async #reconcile(link: PresenceShard, departures: boolean): Promise<void> {
    for (const [group, { known }] of [...this.#watchedGroups]) {
      if (this.#shardOf(group) !== link) continue;
      try {
        const there = new Set((await link.roster(group)).map(({ member }) => member));
        for (const member of there) this.#applyChange(group, member, true, there.size);
        if (!departures) continue;
        for (const member of [...known]) if (!there.has(member)) this.#applyChange(group, member, false, there.size);
      } catch {
        // Away again: the next gap brings the next review.
        return;
      }
    }
  }

  #renewLeases(): void {
    this.#renewal = undefined;
    if (this.#isClosed || this.#joined.size === 0) return;
    this.#renewal = this.#options.clock.setTimeout(() => this.#renewLeases(), this.#options.renewMs);
    for (const link of this.#shards) void this.#runOrResync(link, link.renewLease());
  }

  /** Some process must be there when a grace or a lease ends; all are, and the first one does it. */
  #scheduleSweep(ms: number): void {
    if (this.#isClosed || (this.#joined.size === 0 && this.#watchedGroups.size === 0)) return;
    const { clock, renewMs } = this.#options;
    const at = clock.now() + Math.min(ms, renewMs) + 1;
    if (this.#sweep !== undefined) {
      if (this.#sweep.at <= at) return;
      clock.clearTimeout(this.#sweep.timer);
    }
    this.#sweep = { at, timer: clock.setTimeout(() => void this.#runSweep(), at - clock.now()) };
  }

  async #runSweep(): Promise<void> {
    this.#sweep = undefined;
    // A lease of another process may begin after this look: there is always a next one.
    this.#scheduleSweep(this.#options.renewMs);
    await Promise.all(this.#shards.map((link) => link.sweep().catch(() => undefined)));
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
    if (this.#joined.size > 0) return;
    if (this.#renewal !== undefined) clock.clearTimeout(this.#renewal);
    this.#renewal = undefined;
    if (this.#watchedGroups.size > 0 || this.#sweep === undefined) return;
    clock.clearTimeout(this.#sweep.timer);
    this.#sweep = undefined;
  }
}
