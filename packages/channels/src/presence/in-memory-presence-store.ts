import type { ClockTimer } from "../layer/clock.ts";
import type { PresenceCounts, PresentMember } from "./presence.ts";
import { type PresenceOptions, type ResolvedPresenceOptions, resolvePresenceOptions } from "./presence-options.ts";

/** A presence that uses a store, as the store sees it: a name for its lease, and an ear for changes. */
export interface PresenceStoreClient {
  onChange(group: string, member: string, present: boolean, members: number): void;
}

interface Member {
  readonly group: string;
  readonly member: string;
  readonly since: number;
  readonly connections: Set<string>;
  /** Until when it stays, while it has no connection. */
  graceUntil: number;
}

interface Group {
  readonly members: Map<string, Member>;
  connections: number;
}

interface Connection {
  readonly client: PresenceStoreClient;
  /** The member that it is, by group. */
  readonly groups: Map<string, string>;
}

interface Lease {
  expiresAt: number;
  readonly connections: Set<string>;
}

/**
 * What the presences of one memory share: the place of the server that presences of several machines would have.
 * A party's connections stand under one lease, so that a sign of life costs the same for any number of them.
 */
export class InMemoryPresenceStore {
  readonly options: ResolvedPresenceOptions;
  readonly #clients = new Set<PresenceStoreClient>();
  readonly #groups = new Map<string, Group>();
  readonly #connections = new Map<string, Connection>();
  readonly #leases = new Map<PresenceStoreClient, Lease>();
  /** Members without a connection. The grace is the same for all, so the first in is the first to go. */
  readonly #membersInGrace = new Set<Member>();
  #timer: ClockTimer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  /** @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: PresenceOptions = {}) {
    this.options = resolvePresenceOptions(options);
  }

  addClient(party: PresenceStoreClient): void {
    this.#clients.add(party);
  }

  /** The party's connections are gone, as if each had been lost. With the last party, everything ends. */
  removeClient(party: PresenceStoreClient): void {
    this.#clients.delete(party);
    for (const connection of [...(this.#leases.get(party)?.connections ?? [])]) this.disconnect(connection);
    if (this.#clients.size > 0) return;
    this.#groups.clear();
    this.#membersInGrace.clear();
    this.#stopTimer();
  }

  join(party: PresenceStoreClient, groupName: string, member: string, connection: string): void {
    let known = this.#connections.get(connection);
    if (known === undefined) {
      known = { client: party, groups: new Map() };
      this.#connections.set(connection, known);
      this.#getOrCreateLease(party).connections.add(connection);
    }
    const former = known.groups.get(groupName);
    if (former === member) return;
    if (former !== undefined) this.leave(groupName, connection);
    // Leaving its only group has ended the connection; then it begins again.
    if (!this.#connections.has(connection)) {
      this.join(party, groupName, member, connection);
      return;
    }
    known.groups.set(groupName, member);
    const group = this.#getOrCreateGroup(groupName);
    group.connections += 1;
    const present = group.members.get(member);
    if (present !== undefined) {
      present.connections.add(connection);
      this.#membersInGrace.delete(present);
      return;
    }
    const since = this.options.clock.now();
    const connections = new Set([connection]);
    group.members.set(member, { group: groupName, member, since, connections, graceUntil: 0 });
    this.#notifyClients(groupName, member, true);
  }

  leave(groupName: string, connection: string): void {
    this.#removeConnection(groupName, connection, 0);
  }

  disconnect(connection: string, graceMs: number = this.options.graceMs): void {
    const graceUntil = this.options.clock.now() + graceMs;
    for (const group of [...(this.#connections.get(connection)?.groups.keys() ?? [])]) {
      this.#removeConnection(group, connection, graceUntil);
    }
  }

  /** A sign of life. False when the lease had ended: then the party's connections are gone and it must join anew. */
  renewLease(party: PresenceStoreClient): boolean {
    const lease = this.#leases.get(party);
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
    return [...members].map(({ member, connections, since }) => ({ member, connections: connections.size, since }));
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

  #getOrCreateLease(party: PresenceStoreClient): Lease {
    let lease = this.#leases.get(party);
    if (lease === undefined) {
      lease = { expiresAt: this.options.clock.now() + this.options.leaseMs, connections: new Set() };
      this.#leases.set(party, lease);
      this.#scheduleSweep(lease.expiresAt);
    }
    return lease;
  }

  /** The connection leaves the group. If it was the member's last, the member stays until `graceUntil`. */
  #removeConnection(groupName: string, connection: string, graceUntil: number): void {
    const known = this.#connections.get(connection);
    const name = known?.groups.get(groupName);
    const group = this.#groups.get(groupName);
    const present = name === undefined ? undefined : group?.members.get(name);
    if (known === undefined || group === undefined || present === undefined) return;
    known.groups.delete(groupName);
    if (known.groups.size === 0) this.#forgetConnection(connection, known.client);
    group.connections -= 1;
    present.connections.delete(connection);
    if (present.connections.size > 0) return;
    if (graceUntil <= this.options.clock.now()) {
      this.#removeMember(present);
      return;
    }
    present.graceUntil = graceUntil;
    this.#membersInGrace.add(present);
    this.#scheduleSweep(graceUntil);
  }

  #forgetConnection(connection: string, party: PresenceStoreClient): void {
    this.#connections.delete(connection);
    const lease = this.#leases.get(party);
    lease?.connections.delete(connection);
    if (lease?.connections.size === 0) this.#leases.delete(party);
    this.#stopIfIdle();
  }

  #removeMember(member: Member): void {
    this.#membersInGrace.delete(member);
    const group = this.#groups.get(member.group);
    group?.members.delete(member.member);
    this.#notifyClients(member.group, member.member, false);
    if (group?.members.size === 0) this.#groups.delete(member.group);
    this.#stopIfIdle();
  }

  #notifyClients(group: string, member: string, present: boolean): void {
    const members = this.#groups.get(group)?.members.size ?? 0;
    for (const party of this.#clients) party.onChange(group, member, present, members);
  }

  /** One timer for all graces and leases, set for the first that ends. */
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
      // A process that gave no sign of life for a lease has had more than the grace already.
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
