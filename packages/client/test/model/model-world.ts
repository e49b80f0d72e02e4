import type { Author, Message } from "@multichat/protocol";
import { type Client, createClient } from "../../src/index.ts";
import { NO_FAULTS } from "./model-chat.ts";
import { ModelDevice } from "./model-device.ts";
import { ModelNetwork } from "./model-network.ts";
import type { ModelRoom } from "./model-room.ts";
import { ModelServer } from "./model-server.ts";
import { CAROL, USERS } from "./model-users.ts";
import { seededRandom } from "./random.ts";
import { DEVICES, EMOJI, ROOMS, type Scenario, type Step } from "./scenario.ts";
import { flushPromises, StepClock } from "./step-clock.ts";
import { StepRunner, type StepWorld } from "./step-runner.ts";

/** A server, the network, and devices whose users do what a scenario says. */
export class ModelWorld implements StepWorld {
  readonly clock = new StepClock();
  readonly server: ModelServer;
  readonly network: ModelNetwork;
  readonly rooms: ModelRoom[] = [];
  readonly devices: ModelDevice[];
  readonly scenario: Scenario;
  /** Descriptions of events that a listener received out of order. */
  readonly outOfOrder: string[] = [];
  /** The client ids of messages that a restored backup does not contain. */
  readonly lostInRestore = new Set<string>();
  isRestored = false;
  readonly random: () => number;
  readonly #steps = new StepRunner(this);

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    const random = seededRandom(scenario.seed);
    this.random = random;
    this.server = new ModelServer({ clock: this.clock, readDelayMs: () => Math.floor(random() * 30) });
    this.network = new ModelNetwork(this.clock, this.server, () => 1 + Math.floor(random() * 30));
    this.network.lateArrivalMs = () =>
      random() < scenario.lateArrivalRate ? Math.floor(random() * 20_000) : undefined;
    for (let i = 1; i < ROOMS; i += 1) this.rooms.push(this.server.addRoom(`Room ${i}`));
    this.rooms.push(this.server.addRoom("Private", { kind: "private", members: [CAROL, USERS.alice, USERS.bob] }));
    for (const room of this.rooms) this.#postHistory(room, scenario.historyLength);
    this.server.faults = {
      deliveryDelaysMs: () => {
        if (random() < scenario.lossRate) return [];
        const delayMs = random() < scenario.delayRate ? Math.floor(random() * 400) : 0;
        return random() < scenario.duplicationRate ? [delayMs, delayMs + Math.floor(random() * 200)] : [delayMs];
      },
    };
    this.devices = DEVICES.map((name) => new ModelDevice(USERS[name], (device) => this.#connect(device)));
    for (const device of this.devices) {
      for (const { id } of this.rooms) {
        if (scenario.startsOpen) device.openRooms.set(id, device.client.room(id).open());
        if (scenario.startsWatched) device.watch(id);
      }
    }
  }

  async perform(step: Step): Promise<void> {
    await this.#steps.run(step);
    await flushPromises();
  }

  /** Ends all faults, and gives the clients time to catch up. Access to the rooms stays as it is. */
  async settle(): Promise<void> {
    this.server.faults = NO_FAULTS;
    this.server.refuseNext.length = 0;
    this.server.start();
    await this.clock.advance(90_000);
  }

  /** Gives every user access to every room, opens all rooms on all devices, and waits until nothing changes any more. */
  async openAllRooms(): Promise<void> {
    for (const room of this.rooms) {
      for (const id of [...room.banned.keys()]) this.server.removeMember(room, { id, username: id }, { banned: false });
      if (room.staffOnly) this.server.changeRoom(room, { staffOnly: false });
      if (room.kind === "private") this.server.changeRoom(room, { kind: "open" });
    }
    for (const device of this.devices) {
      for (const { id } of this.rooms)
        if (!device.openRooms.has(id)) device.openRooms.set(id, device.client.room(id).open());
    }
    await this.clock.advance(60_000);
    // The reason of a refusal (a room without access) is over: the users retry.
    for (const device of this.devices) {
      for (const { state, clientId } of device.client.outbox.get()) {
        if (state !== "failed") continue;
        device.hasFailed = true;
        device.client.outbox.retry(clientId);
      }
    }
    // A lost event without a later one is detected by the audit of the room list.
    await this.clock.advance(this.scenario.lossRate > 0 ? 500_000 : 60_000);
    for (const { client } of this.devices) this.#discardRepliesToLost(client);
  }

  /** Discards replies to messages that a restored backup does not contain. */
  #discardRepliesToLost({ outbox }: Client): void {
    for (const message of outbox.get()) {
      if (message.state !== "failed" || message.code !== "MESSAGE_NOT_FOUND") continue;
      this.lostInRestore.add(message.clientId);
      outbox.discard(message.clientId);
    }
  }

  /** Posts messages of all users, each a reply to the one before, some with reactions, and the first one pinned. */
  #postHistory(room: ModelRoom, count: number): void {
    let replyTo: string | undefined;
    for (let i = 0; i < count; i += 1) {
      const author = [CAROL, USERS.alice, USERS.bob][i % 3] ?? CAROL;
      const { id } = this.server.post(room, author, `history ${i}`, { replyTo });
      replyTo = id;
      if (i % 2 === 0) this.server.react(room, id, EMOJI[0], USERS.alice, { added: true });
      if (i === 0) this.server.pin(room, id, CAROL, { pinned: true });
    }
  }

  #connect(device: ModelDevice): { client: Client; end(): void } {
    const clock = this.clock.fork();
    const client = createClient({
      url: "http://model",
      webSocket: this.network.socketFactory(device.me),
      fetch: async () => new Response("{}", { status: 200 }),
      clock,
      random: this.random,
      outbox: device.outbox,
      ...(this.scenario.hasStorage ? { storage: device.storage } : {}),
      subscribeTo: this.scenario.subscribeTo,
      pageSize: 5,
      onStorageError: (error) => {
        throw error;
      },
    });
    client.listen((event) => this.#checkOrder(device, event));
    client.connect();
    return {
      client,
      end: () => {
        clock.stop();
        client.disconnect();
      },
    };
  }

  /** Checks that a listener receives each event of the log once and in order. Only a reset can skip events. */
  #checkOrder(device: ModelDevice, event: Parameters<Parameters<Client["listen"]>[0]>[0]): void {
    if (event.on === "client.reset") {
      device.lastSeqs.set(event.room, event.seq);
      return;
    }
    if (!("seq" in event) || event.on === "room.read") return;
    const previous = device.lastSeqs.get(event.room);
    if (previous !== undefined && event.seq !== previous + 1) {
      this.outOfOrder.push(`${device.me.username} received ${event.seq} of ${event.room} after ${previous}`);
    }
    // A replayed event describes the present, but it is still an event about the same subject.
    const logged = this.rooms.find(({ id }) => id === event.room)?.log[event.seq - 1];
    if (logged?.on !== event.on || JSON.stringify(subjectOf(logged)) !== JSON.stringify(subjectOf(event))) {
      this.outOfOrder.push(`${event.room} ${event.seq} is not the event in the log`);
    }
    device.lastSeqs.set(event.room, event.seq);
  }
}

/** Returns what an event is about, without its content. */
function subjectOf(event: object): unknown {
  const { message, user, emoji } = event as { message?: string | Message; user?: Author; emoji?: string };
  return [typeof message === "object" ? message.id : message, user?.id, emoji];
}
