import type { ClockTimer } from "../layer/clock.ts";
import { checkOptions } from "../options.ts";
import { type ConnectionSet, countConnections, withConnection, withoutConnection } from "./connection-set.ts";
import { JoinedGroups } from "./joined-groups.ts";
import type { PresenceCounts, PresentMember } from "./presence.ts";
import {
  PRESENCE_OPTION_NAMES,
  type PresenceOptions,
  type ResolvedPresenceOptions,
  resolvePresenceOptions,
} from "./presence-options.ts";
import type { PresenceUpdate } from "./presence-watchers.ts";

/** A presence that uses a store. It owns a lease and is notified of changes. */
export interface PresenceStoreClient {
  onChange(group: string, member: string, change: PresenceUpdate): void;
}

interface Member {
  readonly group: string;
  readonly member: string;
  readonly since: number;
  connections: ConnectionSet;
  /** The end of the grace period, while the member has no connection. */
  graceUntil: number;
}

interface Group {
  readonly members: Map<string, Member>;
  connections: number;
}

interface Connection {
  readonly client: PresenceStoreClient;
  readonly groups: JoinedGroups;
}

interface Lease {
  expiresAt: number;
  readonly connections: Set<string>;
}

/**
 * The state that presences of one process share, in place of a server. All connections of a client share one lease, so
 * that a renewal costs the same for any number of them.
 */
export class InMemoryPresenceStore {
  readonly options: ResolvedPresenceOptions;
  readonly #clients = new Set<PresenceStoreClient>();
  readonly #groups = new Map<string, Group>();
  readonly #connections = new Map<string, Connection>();
  readonly #leases = new Map<PresenceStoreClient, Lease>();
  /** Members without a connection. The grace period is the same for all, so the oldest ends first. */
  readonly #membersInGrace = new Set<Member>();
  #timer: ClockTimer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  /** @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: PresenceOptions = {}) {
    checkOptions<PresenceOptions>(options, PRESENCE_OPTION_NAMES);
    this.options = resolvePresenceOptions(options);
  }

  addClient(client: PresenceStoreClient): void {
    this.#clients.add(client);
  }

  /** Disconnects the client's connections. Clears the store when the last client is removed. */
  removeClient(client: PresenceStoreClient): void {
    this.#clients.delete(client);
    for (const connection of [...(this.#leases.get(client)?.connections ?? [])]) this.disconnect(connection);
    if (this.#clients.size > 0) return;
    this.#groups.clear();
    this.#membersInGrace.clear();
    this.#stopTimer();
  }

  join(client: PresenceStoreClient, groupName: string, member: string, connection: string): void {
    let entry = this.#connections.get(connection);
    if (entry === undefined) {
      entry = { client, groups: new JoinedGroups() };
      this.#connections.set(connection, entry);
      this.#getOrCreateLease(client).connections.add(connection);
    }
    const previousMember = entry.groups.get(groupName);
    if (previousMember === member) return;
    if (previousMember !== undefined) this.leave(groupName, connection);
    // Leaving its only group has removed the connection, so it has to join as a new one.
    if (!this.#connections.has(connection)) {
      this.join(client, groupName, member, connection);
      return;
    }
    entry.groups.set(groupName, member);
    const group = this.#getOrCreateGroup(groupName);
    group.connections += 1;
    const present = group.members.get(member);
    if (present !== undefined) {
      present.connections = withConnection(present.connections, connection);
      this.#membersInGrace.delete(present);
      return;
    }
    const since = this.options.clock.now();
    group.members.set(member, { group: groupName, member, since, connections: connection, graceUntil: 0 });
    this.#notifyClients(groupName, member, { isPresent: true });
  }

  leave(groupName: string, connection: string): void {
    this.#removeConnection(groupName, connection, 0);
  }

  disconnect(connection: string, graceMs: number = this.options.graceMs): void {
    const graceUntil = this.options.clock.now() + graceMs;
    for (const [group] of this.#connections.get(connection)?.groups.entries() ?? []) {
      this.#removeConnection(group, connection, graceUntil);
    }
  }

  /** Renews the client's lease; returns false when it had expired and its connections have to join again. */
  renewLease(client: PresenceStoreClient): boolean {
    const lease = this.#leases.get(client);
    if (lease === undefined) return false;
    lease.expiresAt = this.options.clock.now() + this.options.leaseMs;
    return true;
  }

  counts(groupName: string): PresenceCounts {
    const group = this.#groups.get(groupName);
    return { members: group?.members.size ?? 0, connections: group?.connections ?? 0 };
  }

  members(groupName: string): readonly PresentMember[] {
    const members = this.#groups.get(groupName)?.members.values() ?? [];
    return [...members].map(({ member, connections, since }) => ({
      member,
      connections: countConnections(connections),
      since,
    }));
  }

  has(groupName: string, member: string): boolean {
    return this.#groups.get(groupName)?.members.has(member) ?? false;
  }

  stats(): { readonly groups: number; readonly members: number } {
    let members = 0;
    for (const group of this.#groups.values()) members += group.members.size;
    return { groups: this.#groups.size, members };
  }

  #getOrCreateGroup(name: string): Group {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = { members: new Map(), connections: 0 };
      this.#groups.set(name, group);
    }
    return group;
  }

  #getOrCreateLease(client: PresenceStoreClient): Lease {
    let lease = this.#leases.get(client);
    if (lease === undefined) {
      lease = { expiresAt: this.options.clock.now() + this.options.leaseMs, connections: new Set() };
      this.#leases.set(client, lease);
      this.#scheduleSweep(lease.expiresAt);
    }
    return lease;
  }

  /** Removes a connection from a group. If it was the member's last, the member stays until `graceUntil`. */
  #removeConnection(groupName: string, connection: string, graceUntil: number): void {
    const entry = this.#connections.get(connection);
    const name = entry?.groups.get(groupName);
    const group = this.#groups.get(groupName);
    const present = name === undefined ? undefined : group?.members.get(name);
    if (entry === undefined || group === undefined || present === undefined) return;
    entry.groups.delete(groupName);
    if (entry.groups.size === 0) this.#forgetConnection(connection, entry.client);
    group.connections -= 1;
    present.connections = withoutConnection(present.connections, connection);
    if (present.connections !== undefined) return;
    if (graceUntil <= this.options.clock.now()) {
      this.#removeMember(present);
      return;
    }
    present.graceUntil = graceUntil;
    this.#membersInGrace.add(present);
    this.#scheduleSweep(graceUntil);
  }

  #forgetConnection(connection: string, client: PresenceStoreClient): void {
    this.#connections.delete(connection);
    const lease = this.#leases.get(client);
    lease?.connections.delete(connection);
    if (lease?.connections.size === 0) this.#leases.delete(client);
    this.#stopIfIdle();
  }

  #removeMember(member: Member): void {
    this.#membersInGrace.delete(member);
    const group = this.#groups.get(member.group);
    group?.members.delete(member.member);
    this.#notifyClients(member.group, member.member, { isPresent: false });
    if (group?.members.size === 0) this.#groups.delete(member.group);
    this.#stopIfIdle();
  }

  #notifyClients(group: string, member: string, { isPresent }: Pick<PresenceUpdate, "isPresent">): void {
    const members = this.#groups.get(group)?.members.size ?? 0;
    for (const client of this.#clients) client.onChange(group, member, { isPresent, members });
  }

  /** Sets the only timer, for the grace period or lease that ends first. */
  #scheduleSweep(at: number): void {
    if (at >= this.#timerAt) return;
    this.#stopTimer();
    const { clock } = this.options;
    this.#timerAt = at;
    this.#timer = clock.setTimeout(() => this.#sweep(), Math.max(0, at - clock.now()));
  }

  #sweep(): void {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = this.options.clock.now();
    for (const lease of this.#leases.values()) {
      // A lease is longer than the grace period, so expired connections get none.
      if (lease.expiresAt <= now) for (const connection of [...lease.connections]) this.disconnect(connection, 0);
      else this.#scheduleSweep(lease.expiresAt);
    }
    for (const member of this.#membersInGrace) {
      if (member.graceUntil > now) {
        this.#scheduleSweep(member.graceUntil);
        break;
      }
      this.#removeMember(member);
    }
  }

  #stopIfIdle(): void {
    if (this.#leases.size === 0 && this.#membersInGrace.size === 0) this.#stopTimer();
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }
}
