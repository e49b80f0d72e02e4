import type { LocalChannels, ResolvedLayerOptions } from "@multichat/channels/layer";
import { RedisScript } from "../connection/redis-script.ts";
import { disconnectedError } from "../layer-errors.ts";
import { MembershipBacklog } from "./membership-backlog.ts";
import type { QueueConnection } from "./queue-connection.ts";
import { toSeconds } from "./queue-keys.ts";
import { groupAddScript, membersScript } from "./queue-scripts.ts";

export const groupAddCommand = new RedisScript(groupAddScript);
export const membersCommand = new RedisScript(membersScript);

/** Memberships written in one step when all of them are restored. */
const MAX_GROUPS_PER_STEP = 500;

/** The memberships of a queue layer's groups on the servers, in step with those that this process knows of. */
export class QueueGroups {
  readonly #prefix: string;
  readonly #options: ResolvedLayerOptions;
  readonly #local: LocalChannels;
  readonly #connectionOf: (group: string) => QueueConnection;
  readonly #backlogs = new Map<QueueConnection, MembershipBacklog>();
  /** Memberships that are being taken away: an end has ended when they are. */
  readonly #removals = new Set<Promise<void>>();

  constructor(
    prefix: string,
    options: ResolvedLayerOptions,
    local: LocalChannels,
    linkOf: (group: string) => QueueConnection,
  ) {
    this.#prefix = prefix;
    this.#options = options;
    this.#local = local;
    this.#connectionOf = linkOf;
  }

  /**
   * `known`: also in this process, so that the membership ends with the channel's listener and is restored with the
   * server. While the server is away such a one is added when it is back.
   */
  async add(group: string, channel: string, known: boolean): Promise<void> {
    const link = this.#connectionOf(group);
    if (known) this.#local.addMember(group, channel);
    try {
      await link.ready();
      await this.#write(link, group, [channel]);
    } catch (error) {
      if (known && link.isReconnecting) {
        this.#backlogOf(link).record(group, channel, true);
        return;
      }
      if (known) this.#local.removeMember(group, channel);
      throw disconnectedError(error);
    }
  }

  /** Takes a membership away; while the server is away, when it is back. */
  async remove(group: string, channel: string): Promise<void> {
    const link = this.#connectionOf(group);
    try {
      await link.ready();
      await link.commands.corked.zrem(this.#key(group), channel);
    } catch {
      this.#backlogOf(link).record(group, channel, false);
    }
  }

  /** As `forget`, of which `left` tells the end. */
  startRemoving(group: string, channel: string): void {
    const leaving = this.remove(group, channel).finally(() => this.#removals.delete(leaving));
    this.#removals.add(leaving);
  }

  async removalsDone(): Promise<void> {
    await Promise.all(this.#removals);
  }

  /** The members of a group, from every process. */
  async members(link: QueueConnection, group: string): Promise<readonly Buffer[]> {
    const oldest = toSeconds(this.#options.clock.now() - this.#options.groupExpiryMs);
    return (await membersCommand.run(link.commands.corked, [this.#key(group)], [oldest])) as Buffer[];
  }

  /** After the server was away it may have lost everything: the memberships of this process are written again. */
  async restore(link: QueueConnection): Promise<void> {
    const mine = [...this.#local.memberships()].filter(([group]) => this.#connectionOf(group) === link);
    for (let start = 0; start < mine.length; start += MAX_GROUPS_PER_STEP) {
      const some = mine.slice(start, start + MAX_GROUPS_PER_STEP);
      await Promise.all(some.map(([group, channels]) => this.#write(link, group, channels)));
    }
  }

  /** Whether memberships have changed that the server has not been told of. */
  hasBacklog(link: QueueConnection): boolean {
    return this.#backlogs.get(link)?.isEmpty === false;
  }

  async flushBacklog(link: QueueConnection): Promise<void> {
    const changes = this.#backlogOf(link).takeAll();
    try {
      await Promise.all(changes.map(([group, channels]) => this.#writeChanges(link, group, channels)));
    } catch (error) {
      for (const [group, channels] of changes) {
        for (const [channel, member] of channels) this.#backlogOf(link).record(group, channel, member);
      }
      throw error;
    }
  }

  /** Ends all memberships of this process on a server. */
  async removeAll(link: QueueConnection): Promise<void> {
    const mine = [...this.#local.memberships()].filter(([group]) => this.#connectionOf(group) === link);
    await Promise.all(mine.map(([group, channels]) => link.commands.corked.zrem(this.#key(group), ...channels)));
  }

  clear(): void {
    this.#backlogs.clear();
  }

  #key(group: string): string {
    return `${this.#prefix}:group:${group}`;
  }

  #backlogOf(link: QueueConnection): MembershipBacklog {
    const backlog = this.#backlogs.get(link) ?? new MembershipBacklog();
    this.#backlogs.set(link, backlog);
    return backlog;
  }

  async #write(link: QueueConnection, group: string, channels: readonly string[]): Promise<void> {
    const now = toSeconds(this.#options.clock.now());
    await groupAddCommand.run(
      link.commands.corked,
      [this.#key(group)],
      [this.#options.groupExpiryMs, now, ...channels],
    );
  }

  async #writeChanges(link: QueueConnection, group: string, channels: ReadonlyMap<string, boolean>): Promise<void> {
    const added = [...channels].filter(([, member]) => member).map(([channel]) => channel);
    const gone = [...channels].filter(([, member]) => !member).map(([channel]) => channel);
    if (gone.length > 0) await link.commands.corked.zrem(this.#key(group), ...gone);
    if (added.length > 0) await this.#write(link, group, added);
  }
}
