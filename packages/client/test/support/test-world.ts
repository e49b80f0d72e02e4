import type { Author, Me } from "@multichat/protocol";
import {
  type Client,
  type ClientOptions,
  createClient,
  type Environment,
  type EnvironmentChange,
  type RoomStore,
  type TimelineItem,
} from "../../src/index.ts";
import { ModelNetwork } from "../model/model-network.ts";
import type { ModelRoom } from "../model/model-room.ts";
import { ModelServer, type ModelServerOptions } from "../model/model-server.ts";
import { StepClock } from "../model/step-clock.ts";

export const alice: Me = { id: "alice", username: "alice", email: null, staff: true, superuser: false };
export const bob: Me = { id: "bob", username: "bob", email: null, staff: false, superuser: false };
export const carol: Author = { id: "carol", username: "carol" };

/** A device whose changes a test emits. */
export class TestDevice implements Environment {
  #online = true;
  readonly #listeners = new Set<(change: EnvironmentChange) => void>();

  online(): boolean {
    return this.#online;
  }

  subscribe(listener: (change: EnvironmentChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(change: EnvironmentChange): void {
    if (change === "online" || change === "offline") this.#online = change === "online";
    for (const listener of this.#listeners) listener(change);
  }
}

/** A server with rooms, the network, and clients on one stepped clock. */
export class TestWorld {
  readonly clock = new StepClock();
  readonly server: ModelServer;
  readonly network: ModelNetwork;
  readonly device = new TestDevice();
  readonly #clients: Client[] = [];
  /** The status of `GET /api/me`. */
  meStatus = 200;

  constructor(options: Omit<ModelServerOptions, "clock"> = {}) {
    this.server = new ModelServer({ clock: this.clock, ...options });
    this.network = new ModelNetwork(this.clock, this.server);
  }

  createRoom(title = "General", posted = 0): ModelRoom {
    const room = this.server.addRoom(title);
    for (let i = 1; i <= posted; i += 1) this.server.post(room, carol, `old ${i}`);
    return room;
  }

  client(me: Me = alice, options: ClientOptions = {}): Client {
    const client = createClient({
      url: "http://chat.test",
      webSocket: this.network.socketFactory(me),
      fetch: async () => new Response("{}", { status: this.meStatus }),
      clock: this.clock,
      random: () => 0.5,
      environment: this.device,
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  /** Returns a client that is connected and has caught up. */
  async connected(me: Me = alice, options: ClientOptions = {}): Promise<Client> {
    const client = this.client(me, options);
    client.connect();
    await this.clock.advance(200);
    return client;
  }

  /** Opens a room, and returns it when it is live. */
  async open(client: Client, { id }: ModelRoom): Promise<RoomStore> {
    const room = client.room(id);
    room.open();
    await this.clock.advance(200);
    return room;
  }

  /** Returns the socket of a user. */
  socket(me: Me) {
    const [socket] = this.network.socketsOf(me);
    if (socket === undefined) throw new Error(`${me.username} has no socket.`);
    return socket;
  }
}

/** Describes a room's items: bodies, `…` for a gap, and unsent messages with their state. */
export function shownItems(room: RoomStore): string[] {
  return room.get().items.map(describeItem);
}

function describeItem(item: TimelineItem): string {
  switch (item.kind) {
    case "message":
      return item.message.body;
    case "gap":
      return `… ${item.after} to ${item.before}`;
    case "event":
      return `* ${item.event.on}`;
    case "pending":
      return `${item.pending.body} (${item.pending.state})`;
  }
}
