import { randomUUID } from "node:crypto";
import type { Delivery, EventOf } from "@multichat/channels";
import { CLOSE_CODES, type ClassicEvent } from "@multichat/protocol";
import { Refusal } from "../../access/refusal.ts";
import { bodyCost } from "../../access/work-cost.ts";
import type { Eviction, RoomRef } from "../../fan-out/broadcasts.ts";
import type { ChatEvents } from "../../fan-out/chat-events.ts";
import { classicRoomGroup } from "../../fan-out/chat-groups.ts";
import { postMessage } from "../../messages/index.ts";
import { getClassicRoom } from "../../rooms/index.ts";
import { ownTurn } from "../connection/own-turn.ts";
import { RoomConnection } from "../connection/room-connection.ts";
import { type ClassicCommand, readClassicCommand } from "./classic-command.ts";
import { classicEncoders, encodeClassicEntryOrExit } from "./classic-frames.ts";

const MAX_DELETED_ROOMS = 1_000;

/**
 * A connection that speaks the protocol of the original MultiChat example. Commands run one after another and take turns
 * with events, so an answer precedes the events that its command caused.
 */
export class ClassicConsumer extends RoomConnection {
  static override encoders = classicEncoders;
  /** The place of an answer among the events is recorded. */
  static override eventsInTurn = true;

  protected readonly signedOutStatus = 403;
  protected readonly subprotocol = undefined;
  /** Rooms that were deleted while this connection had joined them. */
  readonly #deletedRooms = new Set<number>();

  override async receive(text: string): Promise<void> {
    const rate = this.rate.take();
    if (rate.kind === "refuse") {
      this.recordRefusal("RATE_LIMITED", "any classic command");
      this.#sendEvent({ error: "RATE_LIMITED" });
      return this.pauseAfterRefusal(rate);
    }
    const command = readClassicCommand(text);
    try {
      const isSignedIn = this.checkSession();
      if (isSignedIn !== true && !(await isSignedIn)) return;
      await this.#run(command);
    } catch (error) {
      const { code } = this.toRefusal(error, `classic ${command.kind}`);
      this.recordRefusal(code, `classic ${command.kind}`, "room" in command ? command.room : undefined);
      this.#sendEvent({ error: code });
    }
  }

  occupancyChanged({ room, except }: EventOf<ChatEvents, "occupancy.changed">, delivery: Delivery): void {
    if (except === this.channelName || this.isLeavingAfterEviction(room)) return;
    this.sendShared(delivery, encodeClassicEntryOrExit);
  }

  protected override groupsOf(room: string): readonly string[] {
    return [...super.groupsOf(room), classicRoomGroup(room)];
  }

  protected override sendRoomLost({ number }: RoomRef, { deleted }: Eviction): void {
    if (deleted) addBounded(this.#deletedRooms, number, MAX_DELETED_ROOMS);
    this.#sendEvent({ error: deleted ? "ROOM_INVALID" : "ROOM_ACCESS_DENIED" });
    this.#sendEvent({ leave: String(number) });
  }

  /** This protocol has one close code for every end of a session. */
  protected override sessionEndCloseCode(): number {
    return CLOSE_CODES.SIGNED_OUT;
  }

  #sendEvent(event: ClassicEvent): void {
    this.send(JSON.stringify(event));
  }

  async #run(command: ClassicCommand): Promise<void> {
    switch (command.kind) {
      case "error":
        throw new Refusal(command.code);
      case "join": {
        const room = await getClassicRoom(this.context, this.actor, command.room);
        await this.joinRoom(room, { silent: false });
        return this.#sendEvent({ join: String(room.number), title: room.title });
      }
      case "leave": {
        const room =
          this.joinedRooms.get(command.room) ?? (await getClassicRoom(this.context, this.actor, command.room));
        await this.leaveRoom(room, { notifySelf: true });
        return this.#sendEvent({ leave: String(room.number) });
      }
      case "send":
        return this.#sendMessage(command.room, command.message);
    }
  }

  async #sendMessage(number: number, message: unknown): Promise<void> {
    const joined = this.joinedRooms.get(number);
    if (joined === undefined) throw new Refusal(this.#deletedRooms.has(number) ? "ROOM_INVALID" : "ROOM_ACCESS_DENIED");
    const body = this.services.schemas.fields.body.safeParse(message);
    if (!body.success) throw new Refusal("MESSAGE_INVALID");
    const cost = bodyCost(body.data);
    this.rate.charge(cost);
    if (cost > 0) {
      await ownTurn();
      if (!(await this.checkSession())) return;
    }
    await postMessage(this.context, this.actor, { room: joined.id, clientId: randomUUID(), body: body.data });
  }
}

/** Adds a value, and drops the oldest one where the set is full. */
function addBounded<T>(set: Set<T>, value: T, max: number): void {
  set.add(value);
  const [oldest] = set;
  if (set.size > max && oldest !== undefined) set.delete(oldest);
}
