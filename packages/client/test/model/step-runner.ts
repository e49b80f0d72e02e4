import type { Message } from "@multichat/protocol";
import type { RoomStore } from "../../src/index.ts";
import type { ModelDevice, RequestedChange } from "./model-device.ts";
import type { ModelNetwork } from "./model-network.ts";
import type { ModelRoom } from "./model-room.ts";
import type { ModelServer } from "./model-server.ts";
import { CAROL } from "./model-users.ts";
import type { Step } from "./scenario.ts";
import type { StepClock } from "./step-clock.ts";

/** The errors with which an action of a correct client can end. */
const EXPECTED_ERRORS = new Set(["ConnectionLost", "ReplyTimeout", "CommandError", "ClientBusy"]);

/** What the steps happen to. */
export interface StepWorld {
  readonly clock: StepClock;
  readonly server: ModelServer;
  readonly network: ModelNetwork;
  readonly rooms: readonly ModelRoom[];
  readonly devices: readonly ModelDevice[];
  readonly random: () => number;
  /** The client ids of messages that a restored backup does not contain. */
  readonly lostInRestore: Set<string>;
  isRestored: boolean;
}

/** Does what the steps of a scenario say: what users do on their devices, and what happens to the server and the network. */
export class StepRunner {
  readonly #world: StepWorld;
  #editCount = 0;

  constructor(world: StepWorld) {
    this.#world = world;
  }

  async run(step: Step): Promise<void> {
    const { server, clock } = this.#world;
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
      case "markUnread": {
        const { store } = this.#target(step);
        store.markUnread(1 + Math.floor((store.get().lastSeq * step.percentile) / 100));
        break;
      }
      case "loadBefore":
        this.#expectSettled(this.#target(step).store.loadBefore());
        break;
      case "loadGap": {
        const { store } = this.#target(step);
        const gap = store.get().items.find((item) => item.kind === "gap");
        if (gap?.kind === "gap")
          this.#expectSettled(store.loadGap(gap, this.#world.random() < 0.5 ? "above" : "below"));
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
        for (const socket of this.#world.network.socketsOf(this.#device(step.client).me))
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
        server.changeRoom(this.#room(step.room), { title: `Room ${Math.floor(this.#world.random() * 1000)}` });
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
    const { server, clock } = this.#world;
    if (!server.isUp) return;
    if (drain) {
      for (const { me } of this.#world.devices) {
        for (const socket of this.#world.network.socketsOf(me)) {
          socket.sendFromServer({ on: "server.draining", reconnectAfter: downtimeMs });
        }
      }
      await clock.advance(50);
      for (const { me } of this.#world.devices)
        for (const socket of this.#world.network.socketsOf(me)) socket.closeByServer(4100);
    }
    server.kill();
    clock.after(downtimeMs, () => server.start());
  }

  /** Restarts the server with an older database, which lacks the last events of each room. */
  #restoreBackup(lostEvents: number): void {
    const { server } = this.#world;
    server.kill();
    server.epoch = `epoch-${Math.floor(this.#world.random() * 1e9)}`;
    for (const room of this.#world.rooms) {
      const messagesBefore = server.messagesOf(room);
      room.truncate(Math.max(1, room.log.length - lostEvents));
      const idsAfter = new Set(server.messagesOf(room).map(({ id }) => id));
      for (const { id, clientId } of messagesBefore) if (!idsAfter.has(id)) this.#world.lostInRestore.add(clientId);
    }
    this.#world.isRestored = true;
    for (const device of this.#world.devices) {
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
    const messages = this.#world.server.messagesOf(room).filter(({ deletedAt }) => deletedAt === null);
    const message = messages[Math.floor((messages.length * percentile) / 100)];
    if (message !== undefined) change(room, message);
  }

  #newBody(): string {
    this.#editCount += 1;
    return `${this.#world.random() < 0.3 ? "@bob " : ""}edit ${this.#editCount}`;
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
    return this.#world.devices[index] as ModelDevice;
  }

  #room(index: number): ModelRoom {
    return this.#world.rooms[index] as ModelRoom;
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
