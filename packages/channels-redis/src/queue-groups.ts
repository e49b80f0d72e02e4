import type { LocalChannels, ResolvedLayerOptions } from "@multichat/channels/layer";
import { disconnected } from "./layer-errors.ts";
import { MembershipBacklog } from "./membership-backlog.ts";
import type { QueueLink } from "./queue-link.ts";
import { seconds } from "./queue-places.ts";
import { groupAddScript, membersScript } from "./queue-scripts.ts";
import { RedisScript } from "./redis-script.ts";

export const groupAdd = new RedisScript(groupAddScript);
export const members = new RedisScript(membersScript);

/** Memberships written in one step when all of them are restored. */
const chunk = 500;

/** The memberships of a queue layer's groups on the servers, in step with those that this process knows of. */
export class QueueGroups {
  readonly #prefix: string;
  readonly #options: ResolvedLayerOptions;
  readonly #local: LocalChannels;
  readonly #linkOf: (group: string) => QueueLink;
  readonly #backlogs = new Map<QueueLink, MembershipBacklog>();
  /** Memberships that are being taken away: an end has ended when they are. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(
    prefix: string,
    options: ResolvedLayerOptions,
    local: LocalChannels,
    linkOf: (group: string) => QueueLink,
  ) {
    this.#prefix = prefix;
    this.#options = options;
    this.#local = local;
    this.#linkOf = linkOf;
  }

  /**
   * `known`: also in this process, so that the membership ends with the channel's listener and is restored with the
   * server. While the server is away such a one is added when it is back.
   */
  async add(group: string, channel: string, known: boolean): Promise<void> {
    const link = this.#linkOf(group);
    if (known) this.#local.add(group, channel);
    try {
      await link.ready();
      await this.#write(link, group, [channel]);
    } catch (error) {
      if (known && link.away) {
        this.#backlogOf(link).note(group, channel, true);
        return;
      }
      if (known) this.#local.discard(group, channel);
      throw disconnected(error);
    }
  }

  /** Takes a membership away; while the server is away, when it is back. */
  async forget(group: string, channel: string): Promise<void> {
    const link = this.#linkOf(group);
    try {
      await link.ready();
      await link.speaker.writing.zrem(this.#key(group), channel);
    } catch {
      this.#backlogOf(link).note(group, channel, false);
    }
  }

  /** As `forget`, of which `left` tells the end. */
  leave(group: string, channel: string): void {
    const leaving = this.forget(group, channel).finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  async left(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  /** The members of a group, from every process. */
  async members(link: QueueLink, group: string): Promise<readonly Buffer[]> {
    const oldest = seconds(this.#options.clock.now() - this.#options.groupExpiryMs);
    return (await members.run(link.speaker.writing, [this.#key(group)], [oldest])) as Buffer[];
  }

  /** After the server was away it may have lost everything: the memberships of this process are written again. */
  async restore(link: QueueLink): Promise<void> {
    const mine = [...this.#local.memberships()].filter(([group]) => this.#linkOf(group) === link);
    for (let start = 0; start < mine.length; start += chunk) {
      const some = mine.slice(start, start + chunk);
      await Promise.all(some.map(([group, channels]) => this.#write(link, group, channels)));
    }
  }

  /** Whether memberships have changed that the server has not been told of. */
  behind(link: QueueLink): boolean {
    return this.#backlogs.get(link)?.empty === false;
  }

  async catchUp(link: QueueLink): Promise<void> {
    const changes = this.#backlogOf(link).take();
    try {
      await Promise.all(changes.map(([group, channels]) => this.#change(link, group, channels)));
    } catch (error) {
      for (const [group, channels] of changes) {
        for (const [channel, member] of channels) this.#backlogOf(link).note(group, channel, member);
      }
      throw error;
    }
  }

  /** Ends all memberships of this process on a server. */
  async end(link: QueueLink): Promise<void> {
    const mine = [...this.#local.memberships()].filter(([group]) => this.#linkOf(group) === link);
    await Promise.all(mine.map(([group, channels]) => link.speaker.writing.zrem(this.#key(group), ...channels)));
  }

  clear(): void {
    this.#backlogs.clear();
  }

  #key(group: string): string {
    return `${this.#prefix}:group:${group}`;
  }

  #backlogOf(link: QueueLink): MembershipBacklog {
    const backlog = this.#backlogs.get(link) ?? new MembershipBacklog();
    this.#backlogs.set(link, backlog);
    return backlog;
  }

  async #write(link: QueueLink, group: string, channels: readonly string[]): Promise<void> {
    const now = seconds(this.#options.clock.now());
    await groupAdd.run(link.speaker.writing, [this.#key(group)], [this.#options.groupExpiryMs, now, ...channels]);
  }

  async #change(link: QueueLink, group: string, channels: ReadonlyMap<string, boolean>): Promise<void> {
    const added = [...channels].filter(([, member]) => member).map(([channel]) => channel);
    const gone = [...channels].filter(([, member]) => !member).map(([channel]) => channel);
    if (gone.length > 0) await link.speaker.writing.zrem(this.#key(group), ...gone);
    if (added.length > 0) await this.#write(link, group, added);
  }
}
