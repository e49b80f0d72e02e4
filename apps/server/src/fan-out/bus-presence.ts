import { InMemoryPresence, InMemoryPresenceStore, type PresenceOptions } from "@multichat/channels";
import {
  MAX_MEMBERS_PER_MESSAGE,
  type Membership,
  type NewPresenceMessage,
  parsePresenceMessage,
} from "./presence-messages.ts";
import { RemotePresences } from "./remote-presences.ts";

/** Repetitions of everything, which others ask for: at most one in this time. */
const SNAPSHOT_INTERVAL_MS = 500;

export type PresenceTask = "publish presence" | "check the connections of other servers";

export interface BusPresenceOptions extends PresenceOptions {
  /** The id of this process. */
  readonly origin: string;
  /** Sends a message to every process, also to this one. @throws where it is lost. */
  readonly publish: (message: { readonly type: string; readonly from: string }) => void;
  readonly onRejected: () => void;
  /** Called with why a message was lost, or the connections of the other servers are not known. */
  readonly onFailure: (task: PresenceTask, error: unknown) => void;
  /** Returns those of the servers, by their ids, that have no connection to the database. @throws where it is not known. */
  readonly findDisconnected: (servers: readonly string[]) => Promise<readonly string[]>;
}

/** How often the connections of the other servers are checked. */
const CHECK_INTERVAL_MS = 250;
/** Checks in a row that find a server without a connection before it counts as ended: it may be connecting again. */
const CHECKS_OF_ENDED = 3;

type Diff = { readonly joined: readonly string[]; readonly left: readonly string[] };

/**
 * The presence of several servers that only their database connects. Each publishes who joins and leaves, and repeats
 * everything where that may have been lost, so each has a copy of the whole. Those of a server whose connection to the database has
 * ended are gone within a second; so are those of one that says nothing for the time of the lease.
 */
export class BusPresence {
  readonly #options: Omit<BusPresenceOptions, keyof PresenceOptions>;
  readonly #local: InMemoryPresence;
  readonly #remote: RemotePresences;
  /** What the connections of this process have joined. */
  readonly #joined = new Map<string, readonly Membership[]>();
  readonly #renewal: NodeJS.Timeout;
  readonly #checks: NodeJS.Timeout;
  #isChecking = false;
  /** The servers that have been connected, with the latest checks in a row that have found them not to be. */
  readonly #disconnectedChecks = new Map<string, number>();
  #snapshot: NodeJS.Timeout | undefined;
  #snapshotAt = Number.NEGATIVE_INFINITY;
  #isBehind = false;

  constructor(options: BusPresenceOptions) {
    const { origin, publish, onRejected, onFailure, findDisconnected, ...presence } = options;
    this.#options = { origin, publish, onRejected, onFailure, findDisconnected };
    // Both refuse options that they do not have.
    const store = new InMemoryPresenceStore(presence);
    this.#local = new InMemoryPresence({ ...presence, store });
    this.#remote = new RemotePresences(store);
    this.#renewal = setInterval(() => this.#renew(), store.options.renewMs);
    this.#checks = setInterval(() => void this.#checkConnections(), CHECK_INTERVAL_MS);
    this.reconnected();
  }

  async join(group: string, member: string, connection: string): Promise<void> {
    await this.#local.join(group, member, connection);
    const others = (this.#joined.get(connection) ?? []).filter((joined) => joined.group !== group);
    this.#joined.set(connection, others.concat([{ group, member, connection }]));
    this.#publish({ type: "presence.joined", group, member, connection });
  }

  async leave(group: string, connection: string): Promise<void> {
    await this.#local.leave(group, connection);
    const others = (this.#joined.get(connection) ?? []).filter((joined) => joined.group !== group);
    if (others.length > 0) this.#joined.set(connection, others);
    else this.#joined.delete(connection);
    this.#publish({ type: "presence.left", group, connection });
  }

  async disconnect(connection: string): Promise<void> {
    await this.#local.disconnect(connection);
    if (this.#joined.delete(connection)) this.#publish({ type: "presence.lost", connection });
  }

  has(group: string, member: string): Promise<boolean> {
    return this.#local.has(group, member);
  }

  watch(group: string, listener: (diff: Diff) => void) {
    return this.#local.watch(group, listener);
  }

  /** Handles a message of any process. Never throws. */
  receive(received: unknown): void {
    const message = parsePresenceMessage(received);
    if (message === undefined) this.#options.onRejected();
    else if (message.from === this.#options.origin) return;
    else if (message.type === "presence.asked") this.#scheduleSnapshot();
    else if (!this.#remote.receive(message)) this.#publish({ type: "presence.asked" });
  }

  /** Repeats everything and asks the others to do so: messages may have been lost in both directions. */
  reconnected(): void {
    this.#publish({ type: "presence.asked" });
    this.#scheduleSnapshot();
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal);
    clearInterval(this.#checks);
    clearTimeout(this.#snapshot);
    this.#publish({ type: "presence.ended" });
    this.#remote.close();
    await this.#local.close();
  }

  /** Never throws. */
  async #checkConnections(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      const servers = this.#remote.ids;
      const disconnected = new Set(await this.#options.findDisconnected(servers));
      for (const id of this.#disconnectedChecks.keys()) if (!servers.includes(id)) this.#disconnectedChecks.delete(id);
      for (const id of servers) this.#judge(id, { isConnected: !disconnected.has(id) });
    } catch (error) {
      this.#options.onFailure("check the connections of other servers", error);
      // The database was unavailable, and for the others too: each counts again when it has been seen with a connection.
      this.#disconnectedChecks.clear();
    } finally {
      this.#isChecking = false;
    }
  }

  #judge(id: string, { isConnected }: { readonly isConnected: boolean }): void {
    const checks = this.#disconnectedChecks.get(id);
    if (isConnected) this.#disconnectedChecks.set(id, 0);
    // It has only just connected, or shows no connection.
    else if (checks === undefined) return;
    else if (checks + 1 < CHECKS_OF_ENDED) this.#disconnectedChecks.set(id, checks + 1);
    else {
      this.#disconnectedChecks.delete(id);
      this.#remote.end(id);
    }
  }

  #renew(): void {
    this.#remote.forgetSilent();
    if (this.#isBehind) this.reconnected();
    else this.#publish({ type: "presence.renewed" });
  }

  #scheduleSnapshot(): void {
    if (this.#snapshot !== undefined) return;
    const waitMs = this.#snapshotAt + SNAPSHOT_INTERVAL_MS - performance.now();
    this.#snapshot = setTimeout(
      () => {
        this.#snapshot = undefined;
        this.#publishSnapshot();
      },
      Math.max(0, waitMs),
    );
  }

  #publishSnapshot(): void {
    this.#snapshotAt = performance.now();
    this.#isBehind = false;
    const all = [...this.#joined.values()].flat();
    for (let from = 0; from === 0 || from < all.length; from += MAX_MEMBERS_PER_MESSAGE) {
      const members = all.slice(from, from + MAX_MEMBERS_PER_MESSAGE);
      const isLast = from + MAX_MEMBERS_PER_MESSAGE >= all.length;
      this.#publish({ type: "presence.members", isFirst: from === 0, isLast, members });
    }
  }

  /** What is lost now is repeated with the next renewal. */
  #publish(message: NewPresenceMessage): void {
    try {
      this.#options.publish({ ...message, from: this.#options.origin });
    } catch (error) {
      this.#options.onFailure("publish presence", error);
      this.#isBehind = true;
    }
  }
}
