import type { LocalChannels, ResolvedLayerOptions } from "@multichat/channels/layer";
import { RedisScript } from "../connection/redis-script.ts";
import { disconnectedError } from "../layer-errors.ts";
import { MembershipBacklog } from "./membership-backlog.ts";
import type { QueueConnection } from "./queue-connection.ts";
import { type QueueKeys, toSeconds } from "./queue-keys.ts";
import { countProcessesScript, groupAddScript, membersScript } from "./queue-scripts.ts";

const groupAddCommand = new RedisScript(groupAddScript);
const membersCommand = new RedisScript(membersScript);
const countProcessesCommand = new RedisScript(countProcessesScript);

/** The scripts to load before a server is used. */
export const GROUP_SCRIPTS: readonly RedisScript[] = [groupAddCommand, membersCommand, countProcessesCommand];

/** Groups written at once when memberships are restored or renewed. */
const MAX_GROUPS_PER_STEP = 500;

/** The memberships of a queue layer's groups on the servers, kept in step with those of this process. */
export class QueueGroups {
  readonly #keys: QueueKeys;
  readonly #options: ResolvedLayerOptions;
  readonly #local: LocalChannels;
  readonly #connectionOf: (group: string) => QueueConnection;
  readonly #backlogs = new Map<QueueConnection, MembershipBacklog>();
  /** Removals under way, for which the end of a channel waits. */
  readonly #removals = new Set<Promise<void>>();
  /** Groups whose memberships are to be renewed, at most all of this process. */
  readonly #renewals = new Set<string>();
  #isRenewing = false;

  constructor(
    keys: QueueKeys,
    options: ResolvedLayerOptions,
    local: LocalChannels,
    connectionOf: (group: string) => QueueConnection,
  ) {
    this.#keys = keys;
    this.#options = options;
    this.#local = local;
    this.#connectionOf = connectionOf;
  }

  /**
   * Adds a membership. A local one (of a channel that this process may listen on) ends with the channel's listener and is
   * restored with the server; while the server is unavailable it is added on reconnect.
   */
  async add(group: string, channel: string, { isLocal }: { readonly isLocal: boolean }): Promise<void> {
    const connection = this.#connectionOf(group);
    if (isLocal) this.#local.addMember(group, channel);
    try {
      await connection.ready();
      await this.#write(connection, group, [channel]);
    } catch (error) {
      if (isLocal && connection.isReconnecting) {
        this.#backlogOf(connection).record(group, channel, { isMember: true });
        return;
      }
      if (isLocal) this.#local.removeMember(group, channel);
      throw disconnectedError(error);
    }
  }

  /** Removes a membership; while the server is unavailable, on reconnect. */
  async remove(group: string, channel: string): Promise<void> {
    const connection = this.#connectionOf(group);
    try {
      await connection.ready();
      await connection.commands.corked.zrem(this.#keys.group(group), channel);
    } catch {
      this.#backlogOf(connection).record(group, channel, { isMember: false });
    }
  }

  /** Starts `remove`; `removalsDone` waits for it. */
  startRemoving(group: string, channel: string): void {
    const removal = this.remove(group, channel).finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  /** Starts to renew the memberships of this process's listeners in a group. */
  startRenewing(group: string): void {
    this.#renewals.add(group);
    if (!this.#isRenewing) void this.#renew();
  }

  async removalsDone(): Promise<void> {
    await Promise.all(this.#removals);
  }

  /** Returns the members of a group, from every process. */
  async members(connection: QueueConnection, group: string): Promise<readonly Buffer[]> {
    const cutoff = toSeconds(this.#options.clock.now() - this.#options.groupExpiryMs);
    return (await membersCommand.run(connection.commands.corked, [this.#keys.group(group)], [cutoff])) as Buffer[];
  }

  /** Returns how many processes have channels of their own in a group. */
  async countProcesses(connection: QueueConnection, group: string): Promise<number> {
    const cutoff = toSeconds(this.#options.clock.now() - this.#options.groupExpiryMs);
    const keys = [this.#keys.group(group)];
    return (await countProcessesCommand.run(connection.commands.corked, keys, [cutoff])) as number;
  }

  /** Writes this process's memberships again: a server that was unavailable may have lost everything. */
  async restore(connection: QueueConnection): Promise<void> {
    const memberships = this.#localMemberships(connection);
    for (let start = 0; start < memberships.length; start += MAX_GROUPS_PER_STEP) {
      const step = memberships.slice(start, start + MAX_GROUPS_PER_STEP);
      await Promise.all(step.map(([group, channels]) => this.#write(connection, group, channels)));
    }
  }

  /** Whether the server has missed changes of memberships. */
  hasBacklog(connection: QueueConnection): boolean {
    return this.#backlogs.get(connection)?.isEmpty === false;
  }

  async flushBacklog(connection: QueueConnection): Promise<void> {
    const changes = this.#backlogOf(connection).takeAll();
    try {
      await Promise.all(changes.map(([group, channels]) => this.#writeChanges(connection, group, channels)));
    } catch (error) {
      const backlog = this.#backlogOf(connection);
      for (const [group, channels] of changes) {
        for (const [channel, change] of channels) backlog.record(group, channel, change);
      }
      throw error;
    }
  }

  /** Removes all memberships of this process from a server. */
  async removeAll(connection: QueueConnection): Promise<void> {
    await Promise.all(
      this.#localMemberships(connection).map(([group, channels]) =>
        connection.commands.corked.zrem(this.#keys.group(group), ...channels),
      ),
    );
  }

  clear(): void {
    this.#backlogs.clear();
    this.#renewals.clear();
  }

  /** Never rejects: a renewal that fails is repeated, and a connection that comes back restores all memberships. */
  async #renew(): Promise<void> {
    this.#isRenewing = true;
    // The layer notifies of the groups of one pass synchronously.
    await Promise.resolve();
    while (this.#renewals.size > 0) {
      const step = [...this.#renewals].slice(0, MAX_GROUPS_PER_STEP);
      for (const group of step) this.#renewals.delete(group);
      await Promise.allSettled(step.map((group) => this.#renewGroup(group)));
    }
    this.#isRenewing = false;
  }

  async #renewGroup(group: string): Promise<void> {
    // Read now: one that has left in the meantime must not come back.
    const channels = this.#local.listeningMembers(group);
    const connection = this.#connectionOf(group);
    if (channels.length > 0 && !connection.isReconnecting) await this.#write(connection, group, channels);
  }

  #localMemberships(connection: QueueConnection) {
    return [...this.#local.memberships()].filter(([group]) => this.#connectionOf(group) === connection);
  }

  #backlogOf(connection: QueueConnection): MembershipBacklog {
    const backlog = this.#backlogs.get(connection) ?? new MembershipBacklog();
    this.#backlogs.set(connection, backlog);
    return backlog;
  }

  async #write(connection: QueueConnection, group: string, channels: readonly string[]): Promise<void> {
    const now = toSeconds(this.#options.clock.now());
    const values = [this.#options.groupExpiryMs, now, ...channels];
    await groupAddCommand.run(connection.commands.corked, [this.#keys.group(group)], values);
  }

  async #writeChanges(
    connection: QueueConnection,
    group: string,
    channels: ReadonlyMap<string, { readonly isMember: boolean }>,
  ): Promise<void> {
    const added = [...channels].filter(([, { isMember }]) => isMember).map(([channel]) => channel);
    const removed = [...channels].filter(([, { isMember }]) => !isMember).map(([channel]) => channel);
    if (removed.length > 0) await connection.commands.corked.zrem(this.#keys.group(group), ...removed);
    if (added.length > 0) await this.#write(connection, group, added);
  }
}
