import { randomUUID } from "node:crypto";
import type { Delivery, EventOf } from "@multichat/channels";
import { CLOSE_CODES, type ClassicEvent } from "@multichat/protocol";
import type { RoomName } from "../broadcasts/broadcasts.ts";
import type { ChatEvents } from "../broadcasts/chat-events.ts";
import { classicRoom } from "../commands/classic-room.ts";
import { postMessage } from "../commands/post-message.ts";
import { Refusal } from "../commands/refusal.ts";
import { type ClassicCommand, readClassicCommand } from "./classic-command.ts";
import { classicEncoders, classicMoved } from "./classic-frames.ts";
import { RoomConnection } from "./room-connection.ts";

/** The protocol of the original MultiChat example. One command after another: an answer comes before what it caused. */
export class ClassicConsumer extends RoomConnection {
  static override encoders = classicEncoders;

  protected readonly signedOutStatus = 403;
  protected readonly subprotocol = undefined;

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

  memberMoved({ except }: EventOf<ChatEvents, "member.moved">, delivery: Delivery): void {
    if (except !== this.channelName) this.sendShared(delivery, classicMoved);
  }

  protected override tellLost({ number }: RoomName, gone: boolean): void {
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
