import { isDeepStrictEqual } from "node:util";
import type { Me, Message } from "@multichat/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Client, createClient, memoryOutbox, memoryStorage, type RoomSnapshot } from "../src/index.ts";
import { ModelNetwork } from "./model/model-network.ts";
import type { ModelRoom } from "./model/model-room.ts";
import { faultless, ModelServer } from "./model/model-server.ts";
import { seeded } from "./model/random.ts";
import { StepClock, settled } from "./model/step-clock.ts";

/**
 * Whatever happens on the way: at rest every client shows what the log says. Replay one run with
 * MODEL_SEED=<seed> [MODEL_PATH=<path>], as a failure prints them; MODEL_RUNS=<n> makes more of them.
 */

const PEOPLE: readonly Me[] = [
  { id: "alice", username: "alice", email: null, staff: true, superuser: false },
  { id: "bob", username: "bob", email: null, staff: false, superuser: false },
];
/** Two devices of one person and one of another. */
const DEVICES = [0, 0, 1] as const;
const ROOMS = 3;

type Step =
  | { do: "send"; client: number; room: number; count: number }
  | { do: "open" | "close" | "read" | "before" | "gap"; client: number; room: number }
  | { do: "around"; client: number; room: number; place: number }
  | { do: "cut"; client: number; seen: boolean }
  | { do: "reload" | "offline"; client: number }
  | { do: "kill"; down: number; drain: boolean }
  | { do: "restore"; lost: number }
  | { do: "rename" | "outside"; room: number }
  | { do: "staffOnly"; room: number; on: boolean }
  | {
      do: "refuse";
      code: "RATE_LIMITED" | "UNAVAILABLE" | "INTERNAL";
      command: "message.send" | "resume" | "room.join";
    }
  | { do: "wait"; ms: number };

const client = fc.nat(DEVICES.length - 1);
const room = fc.nat(ROOMS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({ do: fc.constant("send" as const), client, room, count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom("open" as const, "close" as const, "read" as const), client, room }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("before" as const, "gap" as const), client, room }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("around" as const), client, room, place: fc.nat(99) }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constant("cut" as const), client, seen: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("reload" as const, "offline" as const), client }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("kill" as const), down: fc.nat(5_000), drain: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore" as const), lost: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("rename" as const, "outside" as const), room }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("staffOnly" as const), room, on: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("refuse" as const),
      code: fc.constantFrom("RATE_LIMITED" as const, "UNAVAILABLE" as const, "INTERNAL" as const),
      command: fc.constantFrom("message.send" as const, "resume" as const, "room.join" as const),
    }),
  },
  {
    weight: 18,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.oneof(fc.nat(20), fc.nat(300), fc.constantFrom(2_000, 40_000)),
    }),
  },
);

const scenario = fc.record({
  seed: fc.nat(),
  follow: fc.constantFrom("listed" as const, "opened" as const),
  lose: fc.constantFrom(0, 0, 0.1),
  double: fc.constantFrom(0, 0.2),
  delay: fc.constantFrom(0, 0.2),
  storage: fc.boolean(),
  steps: fc.array(step, { minLength: 4, maxLength: 30 }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** One device: its client is made anew with every reload, its storages stay. */
class Device {
  readonly me: Me;
  readonly sent: { room: string; clientId: string }[] = [];
  readonly #make: (device: Device) => { client: Client; end(): void };
  readonly outbox = memoryOutbox();
  readonly storage = memoryStorage();
  readonly open = new Map<string, () => void>();
  /** Something was refused and had to be sent again by hand. */
  failed = false;
  client: Client;
  #end: () => void;
  /** Where each room's log stands for a listener. */
  readonly heard = new Map<string, number>();

  constructor(me: Me, make: (device: Device) => { client: Client; end(): void }) {
    this.me = me;
    this.#make = make;
    const made = make(this);
    this.client = made.client;
    this.#end = made.end;
  }

  reload(): void {
    this.#end();
    this.open.clear();
    this.heard.clear();
    const made = this.#make(this);
    this.client = made.client;
    this.#end = made.end;
  }
}

class World {
  readonly clock = new StepClock();
  readonly server: ModelServer;
  readonly network: ModelNetwork;
  readonly rooms: ModelRoom[] = [];
  readonly devices: Device[];
  readonly #random: () => number;
  readonly #scenario: Scenario;
  readonly #outOfOrder: string[] = [];
  /** Messages that a restored backup does not have. */
  readonly #destroyed = new Set<string>();
  #restored = false;

  constructor(given: Scenario) {
    this.#scenario = given;
    const random = seeded(given.seed);
    this.#random = random;
    this.server = new ModelServer({ clock: this.clock, read: () => Math.floor(random() * 30) });
    this.network = new ModelNetwork(this.clock, this.server, () => 1 + Math.floor(random() * 30));
    for (let i = 0; i < ROOMS; i += 1) this.rooms.push(this.server.addRoom(`Room ${i + 1}`));
    this.server.faults = {
      deliver: () => {
        if (random() < given.lose) return [];
        const delay = random() < given.delay ? Math.floor(random() * 400) : 0;
        return random() < given.double ? [delay, delay + Math.floor(random() * 200)] : [delay];
      },
    };
    this.devices = DEVICES.map((person) => new Device(PEOPLE[person] as Me, (device) => this.#connect(device)));
  }

  #connect(device: Device): { client: Client; end(): void } {
    const clock = this.clock.lend();
    const made = createClient({
      url: "http://model",
      webSocket: this.network.factory(device.me),
      fetch: async () => new Response("{}", { status: 200 }),
      clock,
      random: this.#random,
      outbox: device.outbox,
      ...(this.#scenario.storage ? { storage: device.storage } : {}),
      follow: this.#scenario.follow,
      pageSize: 5,
      onStorageError: (error) => {
        throw error;
      },
    });
    made.listen((event) => this.#hear(device, event));
    made.connect();
    return {
      client: made,
      end: () => {
        clock.end();
        made.disconnect();
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
      this.#outOfOrder.push(`${device.me.username} heard ${event.seq} of ${event.room} after ${before}`);
    }
    const truth = this.rooms.find((r) => r.id === event.room)?.log[event.seq - 1];
    if (event.on !== truth?.on) this.#outOfOrder.push(`${event.room} ${event.seq} is not what the log says`);
    device.heard.set(event.room, event.seq);
  }

  async take(taken: Step): Promise<void> {
    const { server, clock } = this;
    switch (taken.do) {
      case "send": {
        const { device, store } = this.#at(taken);
        for (let i = 0; i < taken.count; i += 1) {
          const { clientId } = store.send(`message ${device.sent.length + 1}`);
          device.sent.push({ room: store.id, clientId });
        }
        break;
      }
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
        const seq = 1 + Math.floor((store.get().lastSeq * taken.place) / 100);
        this.#try(store.loadAround(seq));
        break;
      }
      case "cut": {
        const device = this.#device(taken.client);
        for (const line of this.network.linesOf(device.me)) line.cut(taken.seen);
        break;
      }
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
        if (!server.up) break;
        if (taken.drain) {
          for (const { me } of this.devices) {
            for (const line of this.network.linesOf(me))
              line.tell({ on: "server.draining", reconnectAfter: taken.down });
          }
          await clock.advance(50);
          for (const { me } of this.devices) for (const line of this.network.linesOf(me)) line.closedByServer(4100);
        }
        server.kill();
        clock.after(taken.down, () => server.start());
        break;
      case "restore":
        this.#restoreBackup(taken.lost);
        break;
      case "rename":
        server.change(this.#room(taken.room), { title: `Room ${Math.floor(this.#random() * 1000)}` });
        break;
      case "outside":
        server.post(this.#room(taken.room), { id: "carol", username: "carol" }, "from elsewhere");
        break;
      case "staffOnly":
        server.change(this.#room(taken.room), { staffOnly: taken.on });
        break;
      case "refuse":
        if (server.refuseNext.length < 3)
          server.refuseNext.push({ name: taken.command, code: taken.code, retryAfter: 1 });
        break;
      case "wait":
        await clock.advance(taken.ms);
    }
    await settled();
    await this.#checkNow();
  }

  /** Nothing goes wrong any more, and everybody gets the time that they need. */
  async rest(): Promise<void> {
    this.server.faults = faultless;
    this.server.refuseNext.length = 0;
    for (const r of this.rooms) if (r.staffOnly) this.server.change(r, { staffOnly: false });
    this.server.start();
    for (const device of this.devices) {
      for (const r of this.rooms) if (!device.open.has(r.id)) device.open.set(r.id, device.client.room(r.id).open());
    }
    await this.clock.advance(90_000);
    // Refused for a reason that is over (a room that was closed to them): people press retry.
    for (const device of this.devices) {
      for (const { state, clientId } of device.client.outbox.get()) {
        if (state !== "failed") continue;
        device.failed = true;
        device.client.outbox.retry(clientId);
      }
    }
    // What was lost without anything after it comes to light by the audit of the list.
    await this.clock.advance(this.#scenario.lose > 0 ? 500_000 : 60_000);
  }

  check(): void {
    expect(this.#outOfOrder).toEqual([]);
    for (const r of this.rooms) {
      const log = this.server.messagesOf(r);
      for (const device of this.devices) {
        expect(device.client.state).toEqual({ phase: "open" });
        expect(device.client.outbox.get()).toEqual([]);
        this.#checkPosted(device, r, log);
        const snapshot = device.client.room(r.id).get();
        expect(snapshot).toMatchObject({ status: "live", lastSeq: r.log.length });
        expect(snapshot.room).toMatchObject({ title: r.title, staffOnly: r.staffOnly });
        this.#checkItems(device, snapshot, log, true);
        const { unread, readSeq } = this.server.state(device.me, r);
        expect(snapshot.unread).toBe(unread);
        // A lost word about the marker shows only where it changes what is unread.
        if (this.#scenario.lose === 0) expect(snapshot.readSeq).toBe(readSeq);
        expect(device.client.rooms.entry(r.id).get()).toMatchObject({ unread, title: r.title, lastSeq: r.log.length });
      }
    }
  }

  /** What was sent is in the log once, and in the order it was written in, unless a person had to press retry. */
  #checkPosted(device: Device, r: ModelRoom, log: readonly Message[]): void {
    const sent = device.sent.filter((s) => s.room === r.id && !this.#destroyed.has(s.clientId)).map((s) => s.clientId);
    const posted = log.map((m) => m.clientId).filter((id) => sent.includes(id));
    if (device.failed) expect([...posted].sort()).toEqual([...sent].sort());
    else expect(posted).toEqual(sent);
  }

  /** At any moment: what is shown is right, and what was written is in the log or kept for sending. */
  async #checkNow(): Promise<void> {
    const logged = new Set(this.rooms.flatMap((r) => this.server.messagesOf(r).map((m) => m.clientId)));
    for (const device of this.devices) {
      for (const r of this.rooms) {
        const snapshot = device.client.room(r.id).get();
        if (!this.#restored) this.#checkItems(device, snapshot, this.server.messagesOf(r), false);
        for (const item of snapshot.items) {
          if (item.kind === "pending" && item.pending.state === "failed") device.failed = true;
        }
      }
      const kept = new Set((await device.outbox.all()).map((record) => record.clientId));
      for (const { clientId } of device.sent) {
        if (!logged.has(clientId) && !kept.has(clientId) && !this.#destroyed.has(clientId)) {
          throw new Error(`${clientId} of ${device.me.username} is lost`);
        }
      }
    }
  }

  /** Another life of the server, with a database from before: the last events of each room never happened. */
  #restoreBackup(lost: number): void {
    const { server } = this;
    server.kill();
    server.epoch = `epoch-${Math.floor(this.#random() * 1e9)}`;
    for (const r of this.rooms) {
      for (const message of server.messagesOf(r).slice(-lost)) this.#destroyed.add(message.clientId);
      r.cut(Math.max(1, r.log.length - lost));
    }
    this.#restored = true;
    for (const device of this.devices) device.heard.clear();
    server.start();
  }

  /** Every stretch between two gaps is exactly a stretch of the log. */
  #checkItems(device: Device, snapshot: RoomSnapshot, log: readonly Message[], complete: boolean): void {
    const where = `${snapshot.id} of ${device.me.username}`;
    let previous = -1;
    let gap = snapshot.hasBefore;
    const keys = new Set<string>();
    for (const item of snapshot.items) {
      if (keys.has(item.key)) throw new Error(`${where} shows ${item.key} twice`);
      keys.add(item.key);
      if (item.kind === "gap") {
        if (item.before <= item.after + 1) throw new Error(`${where} has a gap that holds nothing`);
        gap = true;
      } else if (item.kind === "message") {
        const index = log.findIndex((m) => m.seq === item.message.seq);
        if (!isDeepStrictEqual(item.message, log[index])) throw new Error(`${where} shows what the log does not say`);
        if (item.own !== (item.message.author?.id === device.me.id)) throw new Error(`${where} mistakes whose it is`);
        if (index <= previous) throw new Error(`${where} is out of order`);
        if (index > previous + 1 && !gap) throw new Error(`${where} misses something before ${item.message.seq}`);
        previous = index;
        gap = false;
      }
    }
    if (complete && previous !== log.length - 1) throw new Error(`${where} misses the end`);
  }

  #at({ client: which, room: r }: { client: number; room: number }) {
    const device = this.#device(which);
    return { device, store: device.client.room(this.#room(r).id) };
  }

  #device(index: number): Device {
    return this.devices[index] as Device;
  }

  #room(index: number): ModelRoom {
    return this.rooms[index] as ModelRoom;
  }

  /** A page that cannot be had now is no fault: its promise says so, and the view stays right. */
  #try(load: Promise<void>): void {
    load.catch((error: Error) => {
      if (!["ConnectionLost", "ReplyTimeout", "CommandError"].includes(error.name)) throw error;
    });
  }
}

async function run(given: Scenario): Promise<void> {
  const world = new World(given);
  await world.clock.advance(100);
  for (const taken of given.steps) await world.take(taken);
  await world.rest();
  world.check();
  for (const device of world.devices) device.client.disconnect();
}

const runs = Number(process.env.MODEL_RUNS ?? 2_000);
const replay = process.env.MODEL_SEED;

describe("at rest every client shows what the log says", () => {
  test(`through sends, cuts, reloads, restarts, lost, doubled and late deliveries (${runs} runs)`, {
    timeout: 300_000,
  }, async () => {
    await fc.assert(fc.asyncProperty(scenario, run), {
      numRuns: runs,
      ...(replay === undefined ? {} : { seed: Number(replay), path: process.env.MODEL_PATH ?? "0" }),
    });
  });
});
