import { randomUUID } from "node:crypto";
import type { ConnectionTiming } from "../connection/heartbeat.ts";
import type { RedisHost } from "../connection/redis-host.ts";
import { RedisScript } from "../connection/redis-script.ts";
import { disconnectedError } from "../layer-errors.ts";
import { ServerConnection } from "../pubsub/server-connection.ts";
import {
  countsScript,
  dropScript,
  hasScript,
  joinScript,
  leaveScript,
  openScript,
  renewScript,
  rosterScript,
  sweepScript,
} from "./presence-scripts.ts";

const open = new RedisScript(openScript);
const renew = new RedisScript(renewScript);
const drop = new RedisScript(dropScript);
const join = new RedisScript(joinScript);
const part = new RedisScript(leaveScript);
const counts = new RedisScript(countsScript);
const roster = new RedisScript(rosterScript);
const has = new RedisScript(hasScript);
const sweep = new RedisScript(sweepScript);

const scripts = [open, renew, drop, join, part, counts, roster, has, sweep];

/** A membership of this process. */
export interface JoinedMembership {
  readonly group: string;
  readonly member: string;
  readonly connection: string;
}

/** What a link asks of the presence that it belongs to. */
export interface PresenceShardOwner {
  /** Every membership of this process whose group lives on the link's server. */
  joinedMemberships(): Iterable<JoinedMembership>;
  /** Whether it still is one. */
  isJoined(joined: JoinedMembership): boolean;
  /** A member came to a group or went. */
  changed(group: string, member: string, present: boolean, members: number): void;
  /** Changes may have been missed. */
  gap(): void;
  /** Something is due at the server in so many milliseconds. */
  sweepDueIn(ms: number): void;
  failed(error: unknown): void;
}

/** Memberships said in one go when all of them are said anew. */
const MAX_JOINS_PER_BATCH = 500;

/** One server of a presence, and this process's lease on it. */
export class PresenceShard {
  readonly #owner: PresenceShardOwner;
  readonly #prefix: string;
  readonly #leaseMs: number;
  readonly #connection: ServerConnection;
  #lease = newLease();
  /** The lease is there; undefined before it is first needed. */
  #leaseOpened: Promise<void> | undefined;
  #resyncing: Promise<void> | undefined;
  #isResyncRequested = false;

  constructor(host: RedisHost, prefix: string, leaseMs: number, timing: ConnectionTiming, source: PresenceShardOwner) {
    this.#owner = source;
    this.#prefix = `${prefix}:presence:`;
    this.#leaseMs = leaseMs;
    const topics = `${this.#prefix}changes:`;
    this.#connection = new ServerConnection(
      host,
      {
        message: (topic, bytes) => this.#receiveChange(topic.slice(topics.length), bytes.toString()),
        gap: () => source.gap(),
        refused: (_topic, error) => source.failed(error),
      },
      timing,
    );
  }

  async ready(): Promise<void> {
    await this.#connection.ready();
  }

  /** Whether there was a connection once: what cannot be said now is said when there is one again. */
  get hasConnected(): boolean {
    return this.#connection.hasConnected;
  }

  get isReady(): boolean {
    return this.#connection.commands.isReady;
  }

  /** Rejects when the server cannot be reached. */
  async join(joined: JoinedMembership): Promise<void> {
    await this.#connection.ready();
    this.#leaseOpened ??= this.#openLease();
    await this.#leaseOpened;
    // It may have left while the lease was being opened.
    if (!this.#owner.isJoined(joined)) return;
    if ((await this.#join(joined)) === 0) await this.resync();
  }

  async leave(connection: string, groups: readonly string[], graceMs: number): Promise<void> {
    await this.#connection.ready();
    await this.#run(part, [connection, graceMs, ...groups]);
  }

  async counts(group: string): Promise<readonly [members: number, connections: number]> {
    await this.#connection.ready();
    return (await counts.run(this.#connection.commands.corked, [this.#prefix], [group])) as [number, number];
  }

  async roster(group: string): Promise<readonly { member: string; connections: number; since: number }[]> {
    await this.#connection.ready();
    const [members, since] = (await roster.run(this.#connection.commands.corked, [this.#prefix], [group])) as [
      Buffer[],
      Buffer[],
    ];
    const began = new Map(toPairs(since));
    return toPairs(members).map(([member, connections]) => ({
      member,
      connections: Number(connections),
      since: Number(began.get(member)),
    }));
  }

  async has(group: string, member: string): Promise<boolean> {
    await this.#connection.ready();
    return (await this.#run(has, [group, member])) === 1;
  }

  async watch(group: string): Promise<void> {
    await this.#connection.subscribe(this.#topic(group));
  }

  unwatch(group: string): void {
    this.#connection.unsubscribe(this.#topic(group));
  }

  /** Does at the server what is due there. */
  async sweep(): Promise<void> {
    if (this.#connection.hasConnected) await this.#run(sweep, []);
  }

  /** A sign of life. A process that stood still for longer than its lease was taken for dead: it says who is here. */
  async renewLease(): Promise<void> {
    if (this.#leaseOpened === undefined) return;
    if ((await this.#run(renew, [this.#lease, this.#leaseMs])) === 0) await this.resync();
  }

  /** Says anew who is here, under a new lease; what stands under the old one alone is there no more. */
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
      const old = this.#lease;
      this.#lease = newLease();
      this.#leaseOpened = this.#openLease();
      await this.#leaseOpened;
      let saying: Promise<number>[] = [];
      for (const joined of this.#owner.joinedMemberships()) {
        saying.push(this.#join(joined));
        if (saying.length < MAX_JOINS_PER_BATCH) continue;
        await Promise.all(saying);
        saying = [];
      }
      await Promise.all(saying);
      await this.#dropLease(old, 0);
    }
  }

  async #openLease(): Promise<void> {
    try {
      // Known before the first use: one that the server has to be told of first would be overtaken by the next.
      await Promise.all(scripts.map((script) => script.load(this.#connection.commands.corked)));
      await this.#run(open, [this.#lease, this.#leaseMs]);
    } catch (error) {
      // The next who needs it opens it then.
      this.#leaseOpened = undefined;
      throw error;
    }
  }

  #join({ group, member, connection }: JoinedMembership): Promise<number> {
    return this.#run(join, [this.#lease, this.#leaseMs, group, member, connection]);
  }

  async #dropLease(lease: string, graceMs: number): Promise<void> {
    while ((await this.#run(drop, [lease, graceMs])) > 0);
  }

  /** Written before this returns: what was joined when it was called is said before it can be taken back. */
  async #run(script: RedisScript, values: readonly (string | number)[]): Promise<number> {
    const [result, dueMs] = (await script.run(this.#connection.commands.corked, [this.#prefix], values)) as [
      number,
      number,
    ];
    if (dueMs >= 0) this.#owner.sweepDueIn(dueMs);
    return result;
  }

  #topic(group: string): string {
    return `${this.#prefix}changes:${group}`;
  }

  #receiveChange(group: string, text: string): void {
    const change = /^([01]) (\d+) (.*)$/s.exec(text);
    if (change === null) return;
    const [, present, members, member = ""] = change;
    this.#owner.changed(group, member, present === "1", Number(members));
  }
}

/** A process's lease is named once: one that ended never comes back to life. */
function newLease(): string {
  return randomUUID().replaceAll("-", "");
}

function toPairs(reply: readonly Buffer[]): [string, string][] {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < reply.length; at += 2) found.push([String(reply[at]), String(reply[at + 1])]);
  return found;
}

/** @throws LayerDisconnected for whatever went wrong at a server. */
export async function rethrowDisconnected<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw disconnectedError(error);
  }
}
