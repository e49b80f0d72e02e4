import type { Author, Me, Message } from "@multichat/protocol";
import { type Client, createClient, type RoomStore } from "../../src/index.ts";
import { type Asked, Device } from "./device.ts";
import { ModelNetwork } from "./model-network.ts";
import type { ModelRoom } from "./model-room.ts";
import { faultless, ModelServer } from "./model-server.ts";
import { seeded } from "./random.ts";
import { DEVICES, EMOJI, ROOMS, type Scenario, type Step } from "./scenario.ts";
import { StepClock, settled } from "./step-clock.ts";

const person = (id: string, staff: boolean): Me => ({ id, username: id, email: null, staff, superuser: false });

const PEOPLE = { alice: person("alice", true), bob: person("bob", false), dave: person("dave", false) } as const;
/** Somebody who has no client here. */
const CAROL: Author = { id: "carol", username: "carol" };
/** What an action of a client may end with when nothing is wrong with the client. */
const HONEST = new Set(["ConnectionLost", "ReplyTimeout", "CommandError", "ClientBusy"]);

/** A server, the wires to it, and devices whose people do what a scenario says. */
export class World {
  readonly clock = new StepClock();
  readonly server: ModelServer;
  readonly network: ModelNetwork;
  readonly rooms: ModelRoom[] = [];
  readonly devices: Device[];
  readonly scenario: Scenario;
  /** What a listener was told out of order. */
  readonly outOfOrder: string[] = [];
  /** Messages that a restored backup does not have. */
  readonly destroyed = new Set<string>();
  isRestored = false;
  #edits = 0;
  readonly #random: () => number;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    const random = seeded(scenario.seed);
    this.#random = random;
    this.server = new ModelServer({ clock: this.clock, read: () => Math.floor(random() * 30) });
    this.network = new ModelNetwork(this.clock, this.server, () => 1 + Math.floor(random() * 30));
    this.network.holdsUp = () => (random() < scenario.heldUp ? Math.floor(random() * 20_000) : undefined);
    for (let i = 1; i < ROOMS; i += 1) this.rooms.push(this.server.addRoom(`Room ${i}`));
    this.rooms.push(this.server.addRoom("Private", { kind: "private", members: [CAROL, PEOPLE.alice, PEOPLE.bob] }));
    for (const room of this.rooms) this.#tellHistory(room, scenario.history);
    this.server.faults = {
      deliver: () => {
        if (random() < scenario.lose) return [];
        const delay = random() < scenario.delay ? Math.floor(random() * 400) : 0;
        return random() < scenario.double ? [delay, delay + Math.floor(random() * 200)] : [delay];
      },
    };
    this.devices = DEVICES.map((name) => new Device(PEOPLE[name], (device) => this.#connect(device)));
    for (const device of this.devices) {
      for (const { id } of this.rooms) {
        if (scenario.opened) device.open.set(id, device.client.room(id).open());
        if (scenario.watched) device.watch(id);
      }
    }
  }

  async take(taken: Step): Promise<void> {
    await this.#take(taken);
    await settled();
  }

  /** Nothing goes wrong any more, and everybody gets the time that they need. Who may see what stays as it is. */
  async calm(): Promise<void> {
    this.server.faults = faultless;
    this.server.refuseNext.length = 0;
    this.server.start();
    await this.clock.advance(90_000);
  }

  /** Every room is open to everybody, and everybody looks at every room. */
  async openDoors(): Promise<void> {
    for (const room of this.rooms) {
      for (const id of [...room.banned.keys()]) this.server.leave(room, { id, username: id }, false);
      if (room.staffOnly) this.server.change(room, { staffOnly: false });
      if (room.kind === "private") this.server.change(room, { kind: "open" });
    }
    for (const device of this.devices) {
      for (const { id } of this.rooms) if (!device.open.has(id)) device.open.set(id, device.client.room(id).open());
    }
    await this.clock.advance(60_000);
    // Refused for a reason that is over (a room that was closed to them): people press retry.
    for (const device of this.devices) {
      for (const { state, clientId } of device.client.outbox.get()) {
        if (state !== "failed") continue;
        device.failed = true;
        device.client.outbox.retry(clientId);
      }
    }
    // What was lost without anything after it comes to light by the audit of the list.
    await this.clock.advance(this.scenario.lose > 0 ? 500_000 : 60_000);
    for (const { client } of this.devices) this.#discardOrphans(client);
  }

  /** Answers to messages that a restored backup does not have. */
  #discardOrphans({ outbox }: Client): void {
    for (const message of outbox.get()) {
      if (message.state !== "failed" || message.code !== "MESSAGE_NOT_FOUND") continue;
      this.destroyed.add(message.clientId);
      outbox.discard(message.clientId);
    }
  }

  /** Said by everybody, each message an answer to the one before, some of them with reactions, the first one pinned. */
  #tellHistory(room: ModelRoom, messages: number): void {
    let replyTo: string | undefined;
    for (let i = 0; i < messages; i += 1) {
      const author = [CAROL, PEOPLE.alice, PEOPLE.bob][i % 3] ?? CAROL;
      const { id } = this.server.post(room, author, `history ${i}`, { replyTo });
      replyTo = id;
      if (i % 2 === 0) this.server.react(room, id, EMOJI[0], true, PEOPLE.alice);
      if (i === 0) this.server.pin(room, id, true, CAROL);
    }
  }

  #connect(device: Device): { client: Client; end(): void } {
    const clock = this.clock.lend();
    const client = createClient({
      url: "http://model",
      webSocket: this.network.factory(device.me),
      fetch: async () => new Response("{}", { status: 200 }),
      clock,
      random: this.#random,
      outbox: device.outbox,
      ...(this.scenario.storage ? { storage: device.storage } : {}),
      subscribeTo: this.scenario.follow,
      pageSize: 5,
      onStorageError: (error) => {
        throw error;
      },
    });
    client.listen((event) => this.#hear(device, event));
    client.connect();
    return {
      client,
      end: () => {
        clock.end();
        client.disconnect();
      },
    };
  }

  /** What a listener is told: each event of the log once and in order; only a reset may skip, and only forward. */
  #hear(device: Device, event: Parameters<Parameters<Client["listen"]>[0]>[0]): void {
    if (event.on === "client.reset") {
      device.heard.set(event.room, event.seq);
      return;
    }
    if (!("seq" in event) || event.on === "room.read") return;
    const before = device.heard.get(event.room);
    if (before !== undefined && event.seq !== before + 1) {
      this.outOfOrder.push(`${device.me.username} heard ${event.seq} of ${event.room} after ${before}`);
    }
    // Asked for again, an event tells what is now; which one it is stays the same.
    const truth = this.rooms.find(({ id }) => id === event.room)?.log[event.seq - 1];
    if (truth?.on !== event.on || JSON.stringify(subjectOf(truth)) !== JSON.stringify(subjectOf(event))) {
      this.outOfOrder.push(`${event.room} ${event.seq} is not what the log says`);
    }
    device.heard.set(event.room, event.seq);
  }

  async #take(taken: Step): Promise<void> {
    const { server, clock } = this;
    switch (taken.do) {
      case "send": {
        const { device, store } = this.#at(taken);
        for (let i = 0; i < taken.count; i += 1) this.#send(device, store, `${taken.mention}message`);
        break;
      }
      case "reply": {
        const { device, store } = this.#at(taken);
        const replyTo = shown(store, taken.which);
        if (replyTo !== undefined) this.#send(device, store, "reply", replyTo);
        break;
      }
      case "edit": {
        const { device, store } = this.#at(taken);
        const message = shown(store, taken.which, (m) => m.author?.id === device.me.id && m.deletedAt === null);
        if (message === undefined) break;
        const body = this.#newBody();
        this.#ask(device, { room: store.id, message: message.id, body, state: "asked" }, store.edit(message.id, body));
        break;
      }
      case "delete": {
        const { device, store } = this.#at(taken);
        const message = shown(store, taken.which);
        if (message === undefined) break;
        const asked: Asked = { room: store.id, message: message.id, body: undefined, state: "asked" };
        this.#ask(device, asked, store.remove(message.id));
        break;
      }
      case "react": {
        const { store } = this.#at(taken);
        const message = shown(store, taken.which);
        if (message !== undefined) this.#try(store.react(message.id, taken.emoji, { added: taken.on }));
        break;
      }
      case "pin": {
        const { store } = this.#at(taken);
        const message = shown(store, taken.which);
        if (message !== undefined) this.#try(store.pin(message.id, { pinned: taken.on }));
        break;
      }
      case "outsideEdit":
        this.#outside(taken, (room, { id }) => server.edit(room, id, this.#newBody(), CAROL));
        break;
      case "outsideDelete":
        this.#outside(taken, (room, { id }) => server.delete(room, id, CAROL));
        break;
      case "outsideReact":
        this.#outside(taken, (room, { id }) => server.react(room, id, taken.emoji, taken.on, CAROL));
        break;
      case "open": {
        const { device, store } = this.#at(taken);
        if (!device.open.has(store.id)) device.open.set(store.id, store.open());
        break;
      }
      case "close": {
        const { device, store } = this.#at(taken);
        device.open.get(store.id)?.();
        device.open.delete(store.id);
        break;
      }
      case "watch": {
        const { device, store } = this.#at(taken);
        device.watch(store.id);
        break;
      }
      case "type":
        this.#at(taken).store.typing();
        break;
      case "read": {
        const { store } = this.#at(taken);
        store.markRead(store.get().lastSeq);
        break;
      }
      case "before":
        this.#try(this.#at(taken).store.loadBefore());
        break;
      case "gap": {
        const { store } = this.#at(taken);
        const gap = store.get().items.find((item) => item.kind === "gap");
        if (gap?.kind === "gap") this.#try(store.loadGap(gap, this.#random() < 0.5 ? "above" : "below"));
        break;
      }
      case "around": {
        const { store } = this.#at(taken);
        this.#try(store.loadAround(1 + Math.floor((store.get().lastSeq * taken.place) / 100)));
        break;
      }
      case "join":
      case "leave": {
        const { device, store } = this.#at(taken);
        this.#try(device.client.request(taken.do === "join" ? "member.add" : "member.remove", { room: store.id }));
        break;
      }
      case "expel": {
        const room = this.#room(taken.room);
        server.leave(room, this.#device(taken.client).me, taken.ban);
        break;
      }
      case "promote": {
        const [room, { me }] = [this.#room(taken.room), this.#device(taken.client)];
        const mutedUntil = taken.muted ? clock.now() + 60_000 : null;
        if (room.members.has(me.id)) server.changeMember(room, me, "moderator", mutedUntil);
        break;
      }
      case "cut":
        for (const line of this.network.linesOf(this.#device(taken.client).me)) line.cut(taken.seen);
        break;
      case "reload":
        // No page is loaded twice within a millisecond; what was written in both would have no order.
        await clock.advance(1);
        this.#device(taken.client).reload();
        break;
      case "offline": {
        const device = this.#device(taken.client);
        device.client.disconnect();
        clock.after(3_000, () => device.client.connect());
        break;
      }
      case "kill":
        await this.#kill(taken.down, taken.drain);
        break;
      case "restore":
        this.#restoreBackup(taken.lost);
        break;
      case "rename":
        server.change(this.#room(taken.room), { title: `Room ${Math.floor(this.#random() * 1000)}` });
        break;
      case "outside":
        server.post(this.#room(taken.room), CAROL, "from elsewhere");
        break;
      case "staffOnly":
        server.change(this.#room(taken.room), { staffOnly: taken.on });
        break;
      case "private":
        server.change(this.#room(taken.room), { kind: taken.on ? "private" : "open" });
        break;
      case "refuse":
        if (server.refuseNext.length < 3)
          server.refuseNext.push({ name: taken.command, code: taken.code, retryAfter: 1 });
        break;
      case "wait":
        await clock.advance(taken.ms);
    }
  }

  #send(device: Device, store: RoomStore, text: string, replyTo?: Message): void {
    const body = `${text} ${device.sent.length + 1}`;
    const { clientId } = store.send(body, replyTo === undefined ? {} : { replyTo });
    device.sent.push({ room: store.id, clientId });
  }

  async #kill(down: number, drain: boolean): Promise<void> {
    const { server, clock } = this;
    if (!server.up) return;
    if (drain) {
      for (const { me } of this.devices) {
        for (const line of this.network.linesOf(me)) line.tell({ on: "server.draining", reconnectAfter: down });
      }
      await clock.advance(50);
      for (const { me } of this.devices) for (const line of this.network.linesOf(me)) line.closedByServer(4100);
    }
    server.kill();
    clock.after(down, () => server.start());
  }

  /** Another life of the server, with a database from before: the last events of each room never happened. */
  #restoreBackup(lost: number): void {
    const { server } = this;
    server.kill();
    server.epoch = `epoch-${Math.floor(this.#random() * 1e9)}`;
    for (const room of this.rooms) {
      const before = server.messagesOf(room);
      room.cut(Math.max(1, room.log.length - lost));
      const after = new Set(server.messagesOf(room).map(({ id }) => id));
      for (const { id, clientId } of before) if (!after.has(id)) this.destroyed.add(clientId);
    }
    this.isRestored = true;
    for (const device of this.devices) {
      device.heard.clear();
      device.seenDeleted.clear();
    }
    server.start();
  }

  #outside({ room: index, which }: { room: number; which: number }, act: (room: ModelRoom, m: Message) => void): void {
    const room = this.#room(index);
    const there = this.server.messagesOf(room).filter(({ deletedAt }) => deletedAt === null);
    const message = there[Math.floor((there.length * which) / 100)];
    if (message !== undefined) act(room, message);
  }

  #newBody(): string {
    this.#edits += 1;
    return `${this.#random() < 0.3 ? "@bob " : ""}edit ${this.#edits}`;
  }

  #ask(device: Device, asked: Asked, answer: Promise<unknown>): void {
    device.asked.push(asked);
    const settle = (state: Asked["state"]) => {
      asked.state = state;
    };
    answer.then(
      () => settle("done"),
      () => settle("refused"),
    );
    this.#try(answer);
  }

  /** What cannot be had now is no fault: its promise says so, and the view stays right. */
  #try(action: Promise<unknown>): void {
    action.catch((error: Error) => {
      if (!HONEST.has(error.name)) throw error;
    });
  }

  #at({ client, room }: { client: number; room: number }): { device: Device; store: RoomStore } {
    const device = this.#device(client);
    return { device, store: device.client.room(this.#room(room).id) };
  }

  #device(index: number): Device {
    return this.devices[index] as Device;
  }

  #room(index: number): ModelRoom {
    return this.rooms[index] as ModelRoom;
  }
}

/** One of the messages that a room shows, where it shows such ones. */
function shown(store: RoomStore, which: number, wanted: (m: Message) => boolean = () => true): Message | undefined {
  const messages = store.get().items.flatMap((item) => (item.kind === "message" ? [item.message] : []));
  const fit = messages.filter(wanted);
  return fit[Math.floor((fit.length * which) / 100)];
}

/** What an event is about, whatever it says of it. */
function subjectOf(event: object): unknown {
  const { message, user, emoji } = event as { message?: string | Message; user?: Author; emoji?: string };
  return [typeof message === "object" ? message.id : message, user?.id, emoji];
}
