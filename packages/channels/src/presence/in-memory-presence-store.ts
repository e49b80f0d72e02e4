import type { ClockTimer } from "../layer/clock.ts";
import type { PresenceCounts, PresentMember } from "./presence.ts";
import { type PresenceOptions, type ResolvedPresenceOptions, resolvePresenceOptions } from "./presence-options.ts";

/** A presence that uses a store, as the store sees it: a name for its lease, and an ear for changes. */
export interface PresenceParty {
  changed(group: string, member: string, present: boolean, members: number): void;
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
  readonly party: PresenceParty;
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
  readonly #parties = new Set<PresenceParty>();
  readonly #groups = new Map<string, Group>();
  readonly #connections = new Map<string, Connection>();
  readonly #leases = new Map<PresenceParty, Lease>();
  /** Members without a connection. The grace is the same for all, so the first in is the first to go. */
  readonly #lingering = new Set<Member>();
  #timer: ClockTimer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  /** @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: PresenceOptions = {}) {
    this.options = resolvePresenceOptions(options);
  }

  open(party: PresenceParty): void {
    this.#parties.add(party);
  }

  /** The party's connections are gone, as if each had been lost. With the last party, everything ends. */
  close(party: PresenceParty): void {
    this.#parties.delete(party);
    for (const connection of [...(this.#leases.get(party)?.connections ?? [])]) this.disconnect(connection);
    if (this.#parties.size > 0) return;
    this.#groups.clear();
    this.#lingering.clear();
    this.#stopTimer();
  }

  join(party: PresenceParty, groupName: string, member: string, connection: string): void {
    let known = this.#connections.get(connection);
    if (known === undefined) {
      known = { party, groups: new Map() };
      this.#connections.set(connection, known);
      this.#leaseOf(party).connections.add(connection);
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
    const group = this.#group(groupName);
    group.connections += 1;
    const present = group.members.get(member);
    if (present !== undefined) {
      present.connections.add(connection);
      this.#lingering.delete(present);
      return;
    }
    const since = this.options.clock.now();
    const connections = new Set([connection]);
    group.members.set(member, { group: groupName, member, since, connections, graceUntil: 0 });
    this.#tell(groupName, member, true);
  }

  leave(groupName: string, connection: string): void {
    this.#part(groupName, connection, 0);
  }

  disconnect(connection: string, graceMs: number = this.options.graceMs): void {
    const graceUntil = this.options.clock.now() + graceMs;
    for (const group of [...(this.#connections.get(connection)?.groups.keys() ?? [])]) {
      this.#part(group, connection, graceUntil);
    }
  }

  /** A sign of life. False when the lease had ended: then the party's connections are gone and it must join anew. */
  renew(party: PresenceParty): boolean {
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

  #group(name: string): Group {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = { members: new Map(), connections: 0 };
      this.#groups.set(name, group);
    }
    return group;
  }

  #leaseOf(party: PresenceParty): Lease {
    let lease = this.#leases.get(party);
    if (lease === undefined) {
      lease = { expiresAt: this.options.clock.now() + this.options.leaseMs, connections: new Set() };
      this.#leases.set(party, lease);
      this.#wakeBy(lease.expiresAt);
    }
    return lease;
  }

  /** The connection leaves the group. If it was the member's last, the member stays until `graceUntil`. */
  #part(groupName: string, connection: string, graceUntil: number): void {
    const known = this.#connections.get(connection);
    const name = known?.groups.get(groupName);
    const group = this.#groups.get(groupName);
    const present = name === undefined ? undefined : group?.members.get(name);
    if (known === undefined || group === undefined || present === undefined) return;
    known.groups.delete(groupName);
    if (known.groups.size === 0) this.#endConnection(connection, known.party);
    group.connections -= 1;
    present.connections.delete(connection);
    if (present.connections.size > 0) return;
    if (graceUntil <= this.options.clock.now()) {
      this.#gone(present);
      return;
    }
    present.graceUntil = graceUntil;
    this.#lingering.add(present);
    this.#wakeBy(graceUntil);
  }

  #endConnection(connection: string, party: PresenceParty): void {
    this.#connections.delete(connection);
    const lease = this.#leases.get(party);
    lease?.connections.delete(connection);
    if (lease?.connections.size === 0) this.#leases.delete(party);
    this.#stopIfIdle();
  }

  #gone(member: Member): void {
    this.#lingering.delete(member);
    const group = this.#groups.get(member.group);
    group?.members.delete(member.member);
    this.#tell(member.group, member.member, false);
    if (group?.members.size === 0) this.#groups.delete(member.group);
    this.#stopIfIdle();
  }

  #tell(group: string, member: string, present: boolean): void {
    const members = this.#groups.get(group)?.members.size ?? 0;
    for (const party of this.#parties) party.changed(group, member, present, members);
  }

  /** One timer for all graces and leases, set for the first that ends. */
  #wakeBy(at: number): void {
    if (at >= this.#timerAt) return;
    this.#stopTimer();
    const { clock } = this.options;
    this.#timerAt = at;
    this.#timer = clock.setTimeout(() => this.#wake(), Math.max(0, at - clock.now()));
  }

  #wake(): void {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = this.options.clock.now();
    for (const lease of this.#leases.values()) {
      // A process that gave no sign of life for a lease has had more than the grace already.
      if (lease.expiresAt <= now) for (const connection of [...lease.connections]) this.disconnect(connection, 0);
      else this.#wakeBy(lease.expiresAt);
    }
    for (const member of this.#lingering) {
      if (member.graceUntil > now) {
        this.#wakeBy(member.graceUntil);
        break;
      }
      this.#gone(member);
    }
  }

  #stopIfIdle(): void {
    if (this.#leases.size === 0 && this.#lingering.size === 0) this.#stopTimer();
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }
}
