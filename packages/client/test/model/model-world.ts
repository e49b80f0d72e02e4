import type { Author, Me, Message } from "@multichat/protocol";
import { type Client, createClient, type RoomStore } from "../../src/index.ts";
import { ModelDevice, type RequestedChange } from "./model-device.ts";
import { ModelNetwork } from "./model-network.ts";
import type { ModelRoom } from "./model-room.ts";
import { ModelServer, NO_FAULTS } from "./model-server.ts";
import { seededRandom } from "./random.ts";
import { DEVICES, EMOJI, ROOMS, type Scenario, type Step } from "./scenario.ts";
import { flushPromises, StepClock } from "./step-clock.ts";

const createUser = (id: string, { staff = false } = {}): Me => ({
  id,
  username: id,
  email: null,
  staff,
  superuser: false,
});

const USERS = {
  alice: createUser("alice", { staff: true }),
  bob: createUser("bob"),
  dave: createUser("dave"),
} as const;
/** A user without a client. */
const CAROL: Author = { id: "carol", username: "carol" };
/** The errors with which an action of a correct client can end. */
const EXPECTED_ERRORS = new Set(["ConnectionLost", "ReplyTimeout", "CommandError", "ClientBusy"]);

/** A server, the network, and devices whose users do what a scenario says. */
export class ModelWorld {
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
  #editCount = 0;
  readonly #random: () => number;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    const random = seededRandom(scenario.seed);
    this.#random = random;
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
    await this.#perform(step);
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
      random: this.#random,
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

  async #perform(step: Step): Promise<void> {
    const { server, clock } = this;
    switch (step.do) {
      case "send": {
        const { device, store } = this.#target(step);
        for (let i = 0; i < step.count; i += 1) this.#send(device, store, `${step.mention}message`);
        break;
      }
      case "reply": {
        const { device, store } = this.#target(step);
        const replyTo = pickMessage(store, step.percentile);
        if (replyTo !== undefined) this.#send(device, store, "reply", replyTo);
        break;
      }
      case "edit": {
        const { device, store } = this.#target(step);
        const message = pickMessage(
          store,
          step.percentile,
          (m) => m.author?.id === device.me.id && m.deletedAt === null,
        );
        if (message === undefined) break;
        const body = this.#newBody();
        this.#requestChange(
          device,
          { room: store.id, message: message.id, body, state: "pending" },
          store.edit(message.id, body),
        );
        break;
      }
      case "delete": {
        const { device, store } = this.#target(step);
        const message = pickMessage(store, step.percentile);
        if (message === undefined) break;
        const change: RequestedChange = { room: store.id, message: message.id, body: undefined, state: "pending" };
        this.#requestChange(device, change, store.remove(message.id));
        break;
      }
      case "react": {
        const { store } = this.#target(step);
        const message = pickMessage(store, step.percentile);
        if (message !== undefined) this.#expectSettled(store.react(message.id, step.emoji, { added: step.added }));
        break;
      }
      case "pin": {
        const { store } = this.#target(step);
        const message = pickMessage(store, step.percentile);
        if (message !== undefined) this.#expectSettled(store.pin(message.id, { pinned: step.pinned }));
        break;
      }
      case "outsideEdit":
        this.#changeFromOutside(step, (room, { id }) => server.edit(room, id, this.#newBody(), CAROL));
        break;
      case "outsideDelete":
        this.#changeFromOutside(step, (room, { id }) => server.delete(room, id, CAROL));
        break;
      case "outsideReact":
        this.#changeFromOutside(step, (room, { id }) =>
          server.react(room, id, step.emoji, CAROL, { added: step.added }),
        );
        break;
      case "open": {
        const { device, store } = this.#target(step);
        if (!device.openRooms.has(store.id)) device.openRooms.set(store.id, store.open());
        break;
      }
      case "close": {
        const { device, store } = this.#target(step);
        device.openRooms.get(store.id)?.();
        device.openRooms.delete(store.id);
        break;
      }
      case "watch": {
        const { device, store } = this.#target(step);
        device.watch(store.id);
        break;
      }
      case "type":
        this.#target(step).store.typing();
        break;
      case "read": {
        const { store } = this.#target(step);
        store.markRead(store.get().lastSeq);
        break;
      }
      case "loadBefore":
        this.#expectSettled(this.#target(step).store.loadBefore());
        break;
      case "loadGap": {
        const { store } = this.#target(step);
        const gap = store.get().items.find((item) => item.kind === "gap");
        if (gap?.kind === "gap") this.#expectSettled(store.loadGap(gap, this.#random() < 0.5 ? "above" : "below"));
        break;
      }
      case "loadAround": {
        const { store } = this.#target(step);
        this.#expectSettled(store.loadAround(1 + Math.floor((store.get().lastSeq * step.percentile) / 100)));
        break;
      }
      case "join":
      case "leave": {
        const { device, store } = this.#target(step);
        this.#expectSettled(
          device.client.request(step.do === "join" ? "member.add" : "member.remove", { room: store.id }),
        );
        break;
      }
      case "removeMember":
        server.removeMember(this.#room(step.room), this.#device(step.client).me, { banned: step.banned });
        break;
      case "promote": {
        const [room, { me }] = [this.#room(step.room), this.#device(step.client)];
        const mutedUntil = step.muted ? clock.now() + 60_000 : null;
        if (room.members.has(me.id)) server.changeMember(room, me, "moderator", mutedUntil);
        break;
      }
      case "cut":
        for (const socket of this.network.socketsOf(this.#device(step.client).me))
          socket.cut({ isNoticed: step.isNoticed });
        break;
      case "reload":
        // Two pages that are loaded in the same millisecond would write messages without an order.
        await clock.advance(1);
        this.#device(step.client).reload();
        break;
      case "offline": {
        const device = this.#device(step.client);
        device.client.disconnect();
        clock.after(3_000, () => device.client.connect());
        break;
      }
      case "kill":
        await this.#kill(step.downtimeMs, { drain: step.drain });
        break;
      case "restoreBackup":
        this.#restoreBackup(step.lostEvents);
        break;
      case "rename":
        server.changeRoom(this.#room(step.room), { title: `Room ${Math.floor(this.#random() * 1000)}` });
        break;
      case "outsidePost":
        server.post(this.#room(step.room), CAROL, "from elsewhere");
        break;
      case "setStaffOnly":
        server.changeRoom(this.#room(step.room), { staffOnly: step.value });
        break;
      case "setPrivate":
        server.changeRoom(this.#room(step.room), { kind: step.value ? "private" : "open" });
        break;
      case "refuse":
        if (server.refuseNext.length < 3)
          server.refuseNext.push({ name: step.command, code: step.code, retryAfterSeconds: 1 });
        break;
      case "wait":
        await clock.advance(step.durationMs);
    }
  }

  #send(device: ModelDevice, store: RoomStore, text: string, replyTo?: Message): void {
    const body = `${text} ${device.sent.length + 1}`;
    const { clientId } = store.send(body, replyTo === undefined ? {} : { replyTo });
    device.sent.push({ room: store.id, clientId });
  }

  async #kill(downtimeMs: number, { drain }: { readonly drain: boolean }): Promise<void> {
    const { server, clock } = this;
    if (!server.isUp) return;
    if (drain) {
      for (const { me } of this.devices) {
        for (const socket of this.network.socketsOf(me)) {
          socket.sendFromServer({ on: "server.draining", reconnectAfter: downtimeMs });
        }
      }
      await clock.advance(50);
      for (const { me } of this.devices) for (const socket of this.network.socketsOf(me)) socket.closeByServer(4100);
    }
    server.kill();
    clock.after(downtimeMs, () => server.start());
  }

  /** Restarts the server with an older database, which lacks the last events of each room. */
  #restoreBackup(lostEvents: number): void {
    const { server } = this;
    server.kill();
    server.epoch = `epoch-${Math.floor(this.#random() * 1e9)}`;
    for (const room of this.rooms) {
      const messagesBefore = server.messagesOf(room);
      room.truncate(Math.max(1, room.log.length - lostEvents));
      const idsAfter = new Set(server.messagesOf(room).map(({ id }) => id));
      for (const { id, clientId } of messagesBefore) if (!idsAfter.has(id)) this.lostInRestore.add(clientId);
    }
    this.isRestored = true;
    for (const device of this.devices) {
      device.lastSeqs.clear();
      device.seenDeleted.clear();
    }
    server.start();
  }

  #changeFromOutside(
    { room: index, percentile }: { room: number; percentile: number },
    change: (room: ModelRoom, message: Message) => void,
  ): void {
    const room = this.#room(index);
    const messages = this.server.messagesOf(room).filter(({ deletedAt }) => deletedAt === null);
    const message = messages[Math.floor((messages.length * percentile) / 100)];
    if (message !== undefined) change(room, message);
  }

  #newBody(): string {
    this.#editCount += 1;
    return `${this.#random() < 0.3 ? "@bob " : ""}edit ${this.#editCount}`;
  }

  #requestChange(device: ModelDevice, change: RequestedChange, answer: Promise<unknown>): void {
    device.requestedChanges.push(change);
    const settle = (state: RequestedChange["state"]) => {
      change.state = state;
    };
    answer.then(
      () => settle("done"),
      () => settle("refused"),
    );
    this.#expectSettled(answer);
  }

  /** Allows the action to fail with an expected error. */
  #expectSettled(action: Promise<unknown>): void {
    action.catch((error: Error) => {
      if (!EXPECTED_ERRORS.has(error.name)) throw error;
    });
  }

  #target({ client, room }: { client: number; room: number }): { device: ModelDevice; store: RoomStore } {
    const device = this.#device(client);
    return { device, store: device.client.room(this.#room(room).id) };
  }

  #device(index: number): ModelDevice {
    return this.devices[index] as ModelDevice;
  }

  #room(index: number): ModelRoom {
    return this.rooms[index] as ModelRoom;
  }
}

/** Returns one of the matching messages that the room shows, by its place among them. */
function pickMessage(
  store: RoomStore,
  percentile: number,
  isMatch: (message: Message) => boolean = () => true,
): Message | undefined {
  const messages = store.get().items.flatMap((item) => (item.kind === "message" ? [item.message] : []));
  const matches = messages.filter(isMatch);
  return matches[Math.floor((matches.length * percentile) / 100)];
}

/** Returns what an event is about, without its content. */
function subjectOf(event: object): unknown {
  const { message, user, emoji } = event as { message?: string | Message; user?: Author; emoji?: string };
  return [typeof message === "object" ? message.id : message, user?.id, emoji];
}
