import { randomUUID } from "node:crypto";
import type { LinkTiming } from "./heartbeat.ts";
import type { RedisHost } from "./hosts.ts";
import { disconnected } from "./layer-errors.ts";
import {
  countsScript,
  dropScript,
  hasScript,
  joinScript,
  openScript,
  partScript,
  renewScript,
  rosterScript,
  sweepScript,
} from "./presence-scripts.ts";
import { ServerLink } from "./pubsub-link.ts";
import { RedisScript } from "./redis-script.ts";

const open = new RedisScript(openScript);
const renew = new RedisScript(renewScript);
const drop = new RedisScript(dropScript);
const join = new RedisScript(joinScript);
const part = new RedisScript(partScript);
const counts = new RedisScript(countsScript);
const roster = new RedisScript(rosterScript);
const has = new RedisScript(hasScript);
const sweep = new RedisScript(sweepScript);

const scripts = [open, renew, drop, join, part, counts, roster, has, sweep];

/** A membership of this process. */
export interface Joined {
  readonly group: string;
  readonly member: string;
  readonly connection: string;
}

/** What a link asks of the presence that it belongs to. */
export interface PresenceSource {
  /** Every membership of this process whose group lives on the link's server. */
  joined(): Iterable<Joined>;
  /** Whether it still is one. */
  isJoined(joined: Joined): boolean;
  /** A member came to a group or went. */
  changed(group: string, member: string, present: boolean, members: number): void;
  /** Changes may have been missed. */
  gap(): void;
  /** Something is due at the server in so many milliseconds. */
  due(ms: number): void;
  failed(error: unknown): void;
}

/** Memberships said in one go when all of them are said anew. */
const chunk = 500;

/** One server of a presence, and this process's lease on it. */
export class PresenceLink {
  readonly #source: PresenceSource;
  readonly #prefix: string;
  readonly #leaseMs: number;
  readonly #link: ServerLink;
  #lease = newLease();
  /** The lease is there; undefined before it is first needed. */
  #opened: Promise<void> | undefined;
  #resyncing: Promise<void> | undefined;
  #again = false;

  constructor(host: RedisHost, prefix: string, leaseMs: number, timing: LinkTiming, source: PresenceSource) {
    this.#source = source;
    this.#prefix = `${prefix}:presence:`;
    this.#leaseMs = leaseMs;
    const topics = `${this.#prefix}changes:`;
    this.#link = new ServerLink(
      host,
      {
        message: (topic, bytes) => this.#heard(topic.slice(topics.length), bytes.toString()),
        gap: () => source.gap(),
        refused: (_topic, error) => source.failed(error),
      },
      timing,
    );
  }

  async ready(): Promise<void> {
    await this.#link.ready();
  }

  /** Whether there was a connection once: what cannot be said now is said when there is one again. */
  get connected(): boolean {
    return this.#link.connected;
  }

  get usable(): boolean {
    return this.#link.speaker.ready;
  }

  /** Rejects when the server cannot be reached. */
  async join(joined: Joined): Promise<void> {
    await this.#link.ready();
    this.#opened ??= this.#open();
    await this.#opened;
    // It may have left while the lease was being opened.
    if (!this.#source.isJoined(joined)) return;
    if ((await this.#say(joined)) === 0) await this.resync();
  }

  async part(connection: string, groups: readonly string[], graceMs: number): Promise<void> {
    await this.#link.ready();
    await this.#run(part, [connection, graceMs, ...groups]);
  }

  async counts(group: string): Promise<readonly [members: number, connections: number]> {
    await this.#link.ready();
    return (await counts.run(this.#link.speaker.writing, [this.#prefix], [group])) as [number, number];
  }

  async roster(group: string): Promise<readonly { member: string; connections: number; since: number }[]> {
    await this.#link.ready();
    const [members, since] = (await roster.run(this.#link.speaker.writing, [this.#prefix], [group])) as [
      Buffer[],
      Buffer[],
    ];
    const began = new Map(pairs(since));
    return pairs(members).map(([member, connections]) => ({
      member,
      connections: Number(connections),
      since: Number(began.get(member)),
    }));
  }

  async has(group: string, member: string): Promise<boolean> {
    await this.#link.ready();
    return (await this.#run(has, [group, member])) === 1;
  }

  async watch(group: string): Promise<void> {
    await this.#link.subscribe(this.#topic(group));
  }

  unwatch(group: string): void {
    this.#link.unsubscribe(this.#topic(group));
  }

  /** Does at the server what is due there. */
  async sweep(): Promise<void> {
    if (this.#link.connected) await this.#run(sweep, []);
  }

  /** A sign of life. A process that stood still for longer than its lease was taken for dead: it says who is here. */
  async renew(): Promise<void> {
    if (this.#opened === undefined) return;
    if ((await this.#run(renew, [this.#lease, this.#leaseMs])) === 0) await this.resync();
  }

  /** Says anew who is here, under a new lease; what stands under the old one alone is there no more. */
  resync(): Promise<void> {
    this.#again = true;
    this.#resyncing ??= this.#resync().finally(() => {
      this.#resyncing = undefined;
    });
    return this.#resyncing;
  }

  /** Ends this process's memberships, as when their connections are lost. */
  async leaveAll(graceMs: number): Promise<void> {
    if (this.#opened !== undefined && this.#link.connected) await this.#drop(this.#lease, graceMs);
  }

  async close(): Promise<void> {
    await this.#link.close();
  }

  async #resync(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const old = this.#lease;
      this.#lease = newLease();
      this.#opened = this.#open();
      await this.#opened;
      let saying: Promise<number>[] = [];
      for (const joined of this.#source.joined()) {
        saying.push(this.#say(joined));
        if (saying.length < chunk) continue;
        await Promise.all(saying);
        saying = [];
      }
      await Promise.all(saying);
      await this.#drop(old, 0);
    }
  }

  async #open(): Promise<void> {
    try {
      // Known before the first use: one that the server has to be told of first would be overtaken by the next.
      await Promise.all(scripts.map((script) => script.load(this.#link.speaker.writing)));
      await this.#run(open, [this.#lease, this.#leaseMs]);
    } catch (error) {
      // The next who needs it opens it then.
      this.#opened = undefined;
      throw error;
    }
  }

  #say({ group, member, connection }: Joined): Promise<number> {
    return this.#run(join, [this.#lease, this.#leaseMs, group, member, connection]);
  }

  async #drop(lease: string, graceMs: number): Promise<void> {
    while ((await this.#run(drop, [lease, graceMs])) > 0);
  }

  /** Written before this returns: what was joined when it was called is said before it can be taken back. */
  async #run(script: RedisScript, values: readonly (string | number)[]): Promise<number> {
    const [result, dueMs] = (await script.run(this.#link.speaker.writing, [this.#prefix], values)) as [number, number];
    if (dueMs >= 0) this.#source.due(dueMs);
    return result;
  }

  #topic(group: string): string {
    return `${this.#prefix}changes:${group}`;
  }

  #heard(group: string, text: string): void {
    const change = /^([01]) (\d+) (.*)$/s.exec(text);
    if (change === null) return;
    const [, present, members, member = ""] = change;
    this.#source.changed(group, member, present === "1", Number(members));
  }
}

/** A process's lease is named once: one that ended never comes back to life. */
function newLease(): string {
  return randomUUID().replaceAll("-", "");
}

function pairs(reply: readonly Buffer[]): [string, string][] {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < reply.length; at += 2) found.push([String(reply[at]), String(reply[at + 1])]);
  return found;
}

/** @throws LayerDisconnected for whatever went wrong at a server. */
export async function atPresence<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw disconnected(error);
  }
}
