import type { InMemoryPresenceStore } from "@multichat/channels";
import type { Membership, PresenceMessage } from "./presence-messages.ts";

/** Servers whose presences are kept. More are not started, or are made up. */
const MAX_SERVERS = 64;
/** Connections of one server that are kept. */
const MAX_CONNECTIONS = 200_000;

interface RemoteServer {
  readonly id: string;
  /** Its lease in the store. */
  readonly client: { onChange(): void };
  readonly connections: Map<string, Set<string>>;
  /** The connections that the repetition under way has named so far. */
  repeated: Set<string> | undefined;
  receivedAt: number;
}

/** The presences of the other servers, each with a lease of its own. */
export class RemotePresences {
  readonly #store: InMemoryPresenceStore;
  readonly #servers = new Map<string, RemoteServer>();

  constructor(store: InMemoryPresenceStore) {
    this.#store = store;
  }

  /** The ids of the servers. */
  get ids(): readonly string[] {
    return [...this.#servers.keys()];
  }

  /** Forgets a server that has ended. */
  end(id: string): void {
    const known = this.#servers.get(id);
    if (known !== undefined) this.#remove(id, known);
  }

  /** Applies a message. Returns false where the server has to repeat everything. */
  receive(message: Exclude<PresenceMessage, { type: "presence.asked" }>): boolean {
    if (message.type === "presence.ended") {
      this.end(message.from);
      return true;
    }
    const known = this.#servers.get(message.from);
    const server = known ?? this.#add(message.from);
    if (server === undefined) return true;
    server.receivedAt = performance.now();
    const isLeased = this.#store.renewLease(server.client) || server.connections.size === 0;
    // Its connections went with the lease.
    if (!isLeased) server.connections.clear();
    this.#apply(message, server);
    return isLeased && (known !== undefined || message.type === "presence.members");
  }

  /** Forgets the servers whose lease has ended. */
  forgetSilent(): void {
    const since = performance.now() - this.#store.options.leaseMs;
    for (const [id, server] of this.#servers) if (server.receivedAt < since) this.#remove(id, server);
  }

  close(): void {
    for (const [id, server] of this.#servers) this.#remove(id, server);
  }

  #apply(message: Exclude<PresenceMessage, { type: "presence.asked" | "presence.ended" }>, server: RemoteServer): void {
    switch (message.type) {
      case "presence.joined":
        this.#join(server, message);
        server.repeated?.add(message.connection);
        break;
      case "presence.left":
        this.#leave(server, message.group, message.connection);
        break;
      case "presence.lost":
        this.#disconnect(server, message.connection);
        break;
      case "presence.members":
        this.#repeat(server, message);
        break;
      case "presence.renewed":
    }
  }

  /** What a whole repetition does not name is gone. */
  #repeat(server: RemoteServer, { isFirst, isLast, members }: Extract<PresenceMessage, { type: "presence.members" }>) {
    if (isFirst) server.repeated = new Set();
    for (const membership of members) {
      if (server.repeated?.has(membership.connection) === false) this.#leaveOthers(server, membership, members);
      server.repeated?.add(membership.connection);
      this.#join(server, membership);
    }
    if (!isLast || server.repeated === undefined) return;
    for (const connection of [...server.connections.keys()]) {
      if (!server.repeated.has(connection)) this.#disconnect(server, connection);
    }
    server.repeated = undefined;
  }

  /** Leaves the groups in which a connection was, and of which its repetition says nothing. */
  #leaveOthers(server: RemoteServer, { connection }: Membership, members: readonly Membership[]): void {
    const named = new Set(members.filter((other) => other.connection === connection).map(({ group }) => group));
    for (const group of [...(server.connections.get(connection) ?? [])]) {
      if (!named.has(group)) this.#leave(server, group, connection);
    }
  }

  #join(server: RemoteServer, { group, member, connection }: Membership): void {
    const groups = server.connections.get(connection) ?? new Set();
    if (groups.size === 0 && server.connections.size >= MAX_CONNECTIONS) return;
    server.connections.set(connection, groups.add(group));
    this.#store.join(server.client, group, member, this.#nameOf(server, connection));
  }

  #leave(server: RemoteServer, group: string, connection: string): void {
    const groups = server.connections.get(connection);
    if (groups?.delete(group) !== true) return;
    if (groups.size === 0) server.connections.delete(connection);
    this.#store.leave(group, this.#nameOf(server, connection));
  }

  #disconnect(server: RemoteServer, connection: string): void {
    if (server.connections.delete(connection)) this.#store.disconnect(this.#nameOf(server, connection));
  }

  /** Apart from those of other servers, so that none can end another's. */
  #nameOf(server: RemoteServer, connection: string): string {
    return `${server.id} ${connection}`;
  }

  #add(id: string): RemoteServer | undefined {
    if (this.#servers.size >= MAX_SERVERS) return undefined;
    const client = { onChange: () => {} };
    const server = { id, client, connections: new Map(), repeated: undefined, receivedAt: performance.now() };
    this.#store.addClient(client);
    this.#servers.set(id, server);
    return server;
  }

  #remove(id: string, { client }: RemoteServer): void {
    this.#servers.delete(id);
    this.#store.removeClient(client);
  }
}
