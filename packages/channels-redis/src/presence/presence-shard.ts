import { randomUUID } from "node:crypto";
import type { ConnectionTiming } from "../connection/heartbeat.ts";
import type { RedisHost } from "../connection/redis-host.ts";
import { RedisScript } from "../connection/redis-script.ts";
import { ServerConnection } from "../pubsub/server-connection.ts";
import { CommandWindow } from "./command-window.ts";
import type { PresenceNames } from "./presence-names.ts";
import {
  countsScript,
  dropLeaseScript,
  hasScript,
  joinScript,
  leaveScript,
  openLeaseScript,
  renewLeaseScript,
  rosterScript,
  sweepScript,
} from "./presence-scripts.ts";

const openLeaseCommand = new RedisScript(openLeaseScript);
const renewLeaseCommand = new RedisScript(renewLeaseScript);
const dropLeaseCommand = new RedisScript(dropLeaseScript);
const joinCommand = new RedisScript(joinScript);
const leaveCommand = new RedisScript(leaveScript);
const countsCommand = new RedisScript(countsScript);
const rosterCommand = new RedisScript(rosterScript);
const hasCommand = new RedisScript(hasScript);
const sweepCommand = new RedisScript(sweepScript);

const SCRIPTS = [
  openLeaseCommand,
  renewLeaseCommand,
  dropLeaseCommand,
  joinCommand,
  leaveCommand,
  countsCommand,
  rosterCommand,
  hasCommand,
  sweepCommand,
];

/** A connection's membership of a group, held by this process. */
export interface JoinedMembership {
  readonly group: string;
  readonly member: string;
  readonly connection: string;
}

/** A member's arrival or departure, with the group's member count after it. */
export interface PresenceChange {
  readonly group: string;
  readonly member: string;
  readonly isPresent: boolean;
  readonly members: number;
}

/** The presence that a shard belongs to. */
export interface PresenceShardOwner {
  /** Returns every membership of this process whose group lives on the shard. */
  joinedMemberships(): Iterable<JoinedMembership>;
  /** Whether this process still holds the membership. */
  isJoined(membership: JoinedMembership): boolean;
  changed(change: PresenceChange): void;
  /** Changes may have been missed. */
  gap(): void;
  /** A grace period or a lease ends on the server in this time. */
  sweepDueIn(ms: number): void;
  failed(error: unknown): void;
}

export interface PresenceShardOptions {
  readonly names: PresenceNames;
  readonly prefix: string;
  readonly leaseMs: number;
  readonly timing: ConnectionTiming;
}

/**
 * Commands of a shard that the server has not answered. Each takes some 50 µs of it, and a ping waits behind them: with 20,000
 * of them a connection that works would be taken for a dead one.
 */
const MAX_UNANSWERED_COMMANDS = 200;

/** The longest change: two numbers, and a member of 200 characters in UTF-8, encrypted. */
const MAX_CHANGE_BYTES = 2_048;

/** One server of a presence, and this process's lease on it. */
export class PresenceShard {
  readonly #owner: PresenceShardOwner;
  readonly #names: PresenceNames;
  readonly #prefix: string;
  /** The watched groups, by their names on the server. */
  readonly #watched = new Map<string, string>();
  readonly #leaseMs: number;
  readonly #connection: ServerConnection;
  readonly #window = new CommandWindow(MAX_UNANSWERED_COMMANDS);
  #lease = newLease();
  /** Resolves when the lease is open; undefined before it is first needed. */
  #leaseOpened: Promise<void> | undefined;
  #resyncing: Promise<void> | undefined;
  #isResyncRequested = false;

  constructor(host: RedisHost, options: PresenceShardOptions, owner: PresenceShardOwner) {
    this.#owner = owner;
    this.#names = options.names;
    this.#prefix = `${options.prefix}:presence:`;
    this.#leaseMs = options.leaseMs;
    const topicPrefix = `${this.#prefix}changes:`;
    this.#connection = new ServerConnection(
      host,
      {
        message: (topic, bytes) => this.#receiveChange(topic.slice(topicPrefix.length), bytes),
        gap: () => owner.gap(),
        refused: (_topic, error) => owner.failed(error),
      },
      options.timing,
    );
  }

  async ready(): Promise<void> {
    await this.#connection.ready();
  }

  /** Whether there has ever been a connection. If so, a failed change is made up for on reconnect. */
  get hasConnected(): boolean {
    return this.#connection.hasConnected;
  }

  get isReady(): boolean {
    return this.#connection.commands.isReady;
  }

  /** Rejects when the server cannot be reached. */
  async join(membership: JoinedMembership): Promise<void> {
    await this.#connection.ready();
    this.#leaseOpened ??= this.#openLease();
    await this.#leaseOpened;
    // The connection may have left while the lease was being opened.
    if (!this.#owner.isJoined(membership)) return;
    if ((await this.#join(membership)) === 0) await this.resync();
  }

  async leave(connection: string, groups: readonly string[], graceMs: number): Promise<void> {
    await this.#connection.ready();
    const named = groups.map((group) => this.#names.group(group));
    await this.#run(leaveCommand, [this.#names.connection(connection), graceMs, ...named]);
  }

  async counts(group: string): Promise<readonly [members: number, connections: number]> {
    await this.#connection.ready();
    return (await this.#send(countsCommand, [this.#names.group(group)])) as [number, number];
  }

  async roster(group: string): Promise<readonly { member: string; connections: number; since: number }[]> {
    await this.#connection.ready();
    const reply = await this.#send(rosterCommand, [this.#names.group(group)]);
    const [members, joinTimes] = reply as [Buffer[], Buffer[]];
    const since = new Map(toPairs(joinTimes));
    return toPairs(members).flatMap(([name, connections]) => {
      const member = this.#names.readMember(group, name);
      return member === undefined ? [] : [{ member, connections: Number(connections), since: Number(since.get(name)) }];
    });
  }

  async has(group: string, member: string): Promise<boolean> {
    await this.#connection.ready();
    return (await this.#run(hasCommand, [this.#names.group(group), this.#names.member(group, member)])) === 1;
  }

  async watch(group: string): Promise<void> {
    const name = this.#names.group(group);
    this.#watched.set(name, group);
    await this.#connection.subscribe(this.#topic(name));
  }

  unwatch(group: string): void {
    const name = this.#names.group(group);
    this.#watched.delete(name);
    this.#connection.unsubscribe(this.#topic(name));
  }

  /** Ends grace periods and leases that are over. */
  async sweep(): Promise<void> {
    if (this.#connection.hasConnected) await this.#run(sweepCommand, []);
  }

  /** Extends the lease. If it has ended because this process was stalled, its memberships are written again. */
  async renewLease(): Promise<void> {
    if (this.#leaseOpened === undefined) return;
    if ((await this.#run(renewLeaseCommand, [this.#lease, this.#leaseMs])) === 0) await this.resync();
  }

  /** Writes all memberships again under a new lease, and drops those that remain under the old one. */
  resync(): Promise<void> {
    this.#isResyncRequested = true;
    this.#resyncing ??= this.#resyncUntilCurrent().finally(() => {
      this.#resyncing = undefined;
    });
    return this.#resyncing;
  }

  /** Ends this process's memberships, as when their connections are lost. */
  async leaveAll(graceMs: number): Promise<void> {
    if (this.#leaseOpened !== undefined && this.#connection.hasConnected) await this.#dropLease(this.#lease, graceMs);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #resyncUntilCurrent(): Promise<void> {
    while (this.#isResyncRequested) {
      this.#isResyncRequested = false;
      const oldLease = this.#lease;
      this.#lease = newLease();
      this.#leaseOpened = this.#openLease();
      await this.#leaseOpened;
      await Promise.all([...this.#owner.joinedMemberships()].map((membership) => this.#join(membership)));
      await this.#dropLease(oldLease, 0);
    }
  }

  async #openLease(): Promise<void> {
    try {
      // Loaded before the first use: a command that has to send its script first would be overtaken by the next one.
      await Promise.all(SCRIPTS.map((script) => script.load(this.#connection.commands.corked)));
      await this.#run(openLeaseCommand, [this.#lease, this.#leaseMs]);
    } catch (error) {
      // The next caller opens the lease.
      this.#leaseOpened = undefined;
      throw error;
    }
  }

  #join({ group, member, connection }: JoinedMembership): Promise<number> {
    const names = this.#names;
    const named = [names.group(group), names.member(group, member), names.connection(connection)];
    return this.#run(joinCommand, [this.#lease, this.#leaseMs, ...named]);
  }

  async #dropLease(lease: string, graceMs: number): Promise<void> {
    while ((await this.#run(dropLeaseCommand, [lease, graceMs])) > 0);
  }

  async #run(script: RedisScript, values: readonly (string | number)[]): Promise<number> {
    const [result, dueMs] = (await this.#send(script, values)) as [number, number];
    if (dueMs >= 0) this.#owner.sweepDueIn(dueMs);
    return result;
  }

  /** Sends commands in the order of the calls, so that a join always precedes a later leave. */
  #send(script: RedisScript, values: readonly (string | number)[]): Promise<unknown> {
    return this.#window.run(() => script.run(this.#connection.commands.corked, [this.#prefix], values));
  }

  #topic(groupName: string): string {
    return `${this.#prefix}changes:${groupName}`;
  }

  #receiveChange(groupName: string, bytes: Buffer): void {
    // Anything with access to the Redis can publish: a member that could not have joined is not believed.
    const change = bytes.byteLength > MAX_CHANGE_BYTES ? null : /^([01]) (\d{1,15}) (.*)$/s.exec(bytes.toString());
    const group = this.#watched.get(groupName);
    if (change === null || group === undefined) return;
    const [, present, members, name = ""] = change;
    const member = this.#names.readMember(group, name);
    if (member === undefined) return;
    this.#owner.changed({ group, member, isPresent: present === "1", members: Number(members) });
  }
}

/** Returns a new name: a lease that has ended is never reopened. */
function newLease(): string {
  return randomUUID().replaceAll("-", "");
}

function toPairs(reply: readonly Buffer[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < reply.length; index += 2) {
    pairs.push([String(reply[index]), String(reply[index + 1])]);
  }
  return pairs;
}
