import { randomUUID } from "node:crypto";
import type { AnyEventOf, Delivery, EventOf } from "@multichat/channels";
import { CLOSE_CODES, type ClassicEvent } from "@multichat/protocol";
import { Refusal } from "../access/refusal.ts";
import type { RoomRef } from "../fan-out/broadcasts.ts";
import type { ChatEvents } from "../fan-out/chat-events.ts";
import { postMessage } from "../messages/index.ts";
import { classicRoom } from "../rooms/index.ts";
import { type ClassicCommand, readClassicCommand } from "./classic-command.ts";
import { classicEncoders, classicMoved } from "./classic-frames.ts";
import { RoomConnection } from "./room-connection.ts";

/** Of these a double is known; a layer that is later than that many events has been taken for away. */
const MOST_RECOVERED = 1_000;

/** The protocol of the original MultiChat example. One command after another: an answer comes before what it caused. */
export class ClassicConsumer extends RoomConnection {
  static override encoders = classicEncoders;

  protected readonly signedOutStatus = 403;
  protected readonly subprotocol = undefined;
  /** Events that came out of the log because the layer was late, the latest: nothing in this protocol tells a double. */
  readonly #recovered = new Set<string>();

  override async receive(text: string): Promise<void> {
    const rate = this.rate.take();
    if (rate.kind === "flood") return this.close(CLOSE_CODES.PROTOCOL_ERROR, "too many commands");
    if (rate.kind === "refuse") return this.#tell({ error: "RATE_LIMITED" });
    const command = readClassicCommand(text);
    try {
      await this.#run(command);
    } catch (error) {
      this.#tell({ error: this.refusalOf(error, `classic ${command.kind}`).code });
    }
  }

  override shouldSend(event: AnyEventOf<ChatEvents>): boolean {
    if (!super.shouldSend(event)) return false;
    if (event.type === "log.event") return !this.#recovered.delete(nameOf(event.event));
    if (event.type === "log.replayed") {
      this.#recovered.add(nameOf(event.event));
      const [oldest] = this.#recovered;
      if (this.#recovered.size > MOST_RECOVERED && oldest !== undefined) this.#recovered.delete(oldest);
    }
    return true;
  }

  occupancyChanged({ except }: EventOf<ChatEvents, "occupancy.changed">, delivery: Delivery): void {
    if (except !== this.channelName) this.sendShared(delivery, classicMoved);
  }

  protected override tellLost({ number }: RoomRef, gone: boolean): void {
    this.#tell({ error: gone ? "ROOM_INVALID" : "ROOM_ACCESS_DENIED" });
    this.#tell({ leave: String(number) });
  }

  /** This protocol knows one end of a session. */
  protected override endCode(): number {
    return CLOSE_CODES.SIGNED_OUT;
  }

  #tell(event: ClassicEvent): void {
    this.send(JSON.stringify(event));
  }

  async #run(command: ClassicCommand): Promise<void> {
    switch (command.kind) {
      case "error":
        throw new Refusal(command.code);
      case "join": {
        const room = await classicRoom(this.context, this.actor, command.room);
        await this.sit(room, false);
        return this.#tell({ join: String(room.number), title: room.title });
      }
      case "leave": {
        const room = this.seats.at(command.room) ?? (await classicRoom(this.context, this.actor, command.room));
        await this.stand(room, true);
        return this.#tell({ leave: String(room.number) });
      }
      case "send":
        return this.#send(command.room, command.message);
    }
  }

  async #send(number: number, message: unknown): Promise<void> {
    const seat = this.seats.at(number);
    if (seat === undefined) {
      await classicRoom(this.context, this.actor, number);
      throw new Refusal("ROOM_ACCESS_DENIED");
    }
    const body = this.services.schemas.fields.body.safeParse(message);
    if (!body.success) throw new Refusal("MESSAGE_INVALID");
    await postMessage(this.context, this.actor, { room: seat.id, clientId: randomUUID(), body: body.data });
  }
}

function nameOf({ room, seq }: { readonly room: string; readonly seq: number }): string {
  return `${room} ${seq}`;
}
