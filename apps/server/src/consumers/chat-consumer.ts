import type { Delivery, EventOf } from "@multichat/channels";
import {
  CLOSE_CODES,
  type Command,
  type CommandOf,
  type EphemeralEvent,
  type Reply,
  type Room,
  SUBPROTOCOL,
} from "@multichat/protocol";
import type { RoomName } from "../broadcasts/broadcasts.ts";
import type { ChatEvents } from "../broadcasts/chat-events.ts";
import { type JoinRoom, joinRoom } from "../commands/join-room.ts";
import { listRooms } from "../commands/list-rooms.ts";
import { markRead } from "../commands/mark-read.ts";
import { pageHistory, usualPage } from "../commands/page-history.ts";
import { postMessage } from "../commands/post-message.ts";
import { Refusal } from "../commands/refusal.ts";
import { resume } from "../commands/resume.ts";
import { peekRoom, roomStanding, visibleRoom } from "../commands/visible-room.ts";
import { whoIs } from "../commands/who-is.ts";
import { chatDeleted, chatEncoders, chatListed, chatMoved, chatUnlisted } from "./chat-frames.ts";
import { commandId, parseFrame, readCommand } from "./command-reader.ts";
import { InFlight } from "./in-flight.ts";
import { RoomConnection } from "./room-connection.ts";

/** Messages of one connection that may wait for their commit at once. */
const MESSAGES_IN_FLIGHT = 64;

type On<Type extends keyof ChatEvents> = EventOf<ChatEvents, Type>;
type Waiting = Exclude<Command, { readonly do: "message.send" }>;

/**
 * The chat's own protocol. Commands are handled one after another, except that nothing waits for the commit of a message:
 * messages are appended in the order in which they came, and answered as their commits do.
 */
export class ChatConsumer extends RoomConnection {
  static override encoders = chatEncoders;

  protected readonly signedOutStatus = 401;
  protected readonly subprotocol = SUBPROTOCOL;
  readonly #messages = new InFlight(MESSAGES_IN_FLIGHT);

  override receive(text: string): void | Promise<void> {
    const rate = this.rate.take();
    if (rate.kind === "flood") return this.close(CLOSE_CODES.PROTOCOL_ERROR, "too many commands");
    const frame = parseFrame(text);
    if (rate.kind === "refuse") {
      return this.#refuse(commandId(frame), new Refusal("RATE_LIMITED", undefined, { retryAfter: rate.retryAfter }));
    }
    const read = readCommand(this.services.schemas.commands, frame);
    if (read.kind === "refused") return this.#refuse(read.id, read.refusal);
    const { command } = read;
    if (command.do === "message.send") return this.#messages.begin(this.#answer(command, this.#send(command)));
    return this.#answer(command, this.#run(command));
  }

  override onDrain(reconnectAfter: number): void {
    this.#tell({ on: "server.draining", reconnectAfter });
  }

  memberMoved({ except }: On<"member.moved">, delivery: Delivery): void {
    if (except !== this.channelName) this.sendShared(delivery, chatMoved);
  }

  override async roomAltered(event: On<"room.altered">, delivery: Delivery): Promise<void> {
    const standing = roomStanding(this.actor, event.room, event.wasStaffOnly);
    if (standing === "visible") this.sendShared(delivery, chatListed);
    else if (!(await this.lose(event.room, false)) && standing === "lost") this.sendShared(delivery, chatUnlisted);
  }

  override async roomDeleted({ id, wasStaffOnly }: On<"room.deleted">, delivery: Delivery): Promise<void> {
    const seat = this.seats.at(id);
    if (seat !== undefined) await this.lose(seat, true);
    else if (roomStanding(this.actor, { staffOnly: wasStaffOnly }, null) === "visible") {
      this.sendShared(delivery, chatDeleted);
    }
  }

  override async accountChanged(event: On<"account.changed">): Promise<void> {
    const { id, username, email, staff, superuser } = event;
    this.#tell({ on: "me.changed", me: { id, username, email, staff, superuser } });
    await super.accountChanged(event);
  }

  protected override async staffFlagMoved(staff: boolean, rooms: readonly Room[]): Promise<void> {
    for (const entry of rooms) {
      if (staff) this.#tell({ on: "room.listed", room: entry.id, entry });
      else if (!(await this.lose(entry, false))) this.#tell({ on: "room.unlisted", room: entry.id });
    }
  }

  protected override async tellLost({ id }: RoomName): Promise<void> {
    this.#tell({ on: "room.unlisted", room: id });
    // It may be there again by now, and the word of that may have come before this one.
    const entry = await peekRoom(this.context, this.actor, id);
    if (entry !== undefined) this.#tell({ on: "room.listed", room: id, entry });
  }

  #tell(event: EphemeralEvent): void {
    this.send(JSON.stringify(event));
  }

  #reply(reply: Reply): void {
    this.send(JSON.stringify(reply));
  }

  #refuse(re: number | null, refusal: Refusal): void {
    this.#reply({ re, error: refusal.toWire() });
  }

  /** Every command gets exactly one reply, whatever becomes of it. Never rejects. */
  async #answer(command: Command, answer: Promise<unknown>): Promise<void> {
    try {
      this.#reply({ re: command.id, ok: await answer });
    } catch (error) {
      this.#refuse(command.id, this.refusalOf(error, command.do));
    }
  }

  async #run(command: Waiting): Promise<unknown> {
    const { context, actor } = this;
    switch (command.do) {
      case "ping":
        return {};
      case "room.list":
        return {
          rooms: await listRooms(context, actor),
          me: await whoIs(context, actor),
          epoch: context.store.epoch,
        };
      case "room.join":
        return joinRoom(context, actor, {
          room: command.room,
          since: command.since,
          limit: usualPage(context.limits),
          ...this.#hearing(false),
        });
      case "room.leave": {
        const room = this.seats.at(command.room) ?? (await visibleRoom(context, actor, command.room));
        await this.stand(room, false);
        return {};
      }
      case "history.page":
        return pageHistory(context, actor, command);
      case "room.read":
        return markRead(context, actor, command);
      case "resume":
        return resume(context, actor, { rooms: command.rooms, epoch: command.epoch, ...this.#hearing(true) });
    }
  }

  async #send({ room, clientId, body }: CommandOf<"message.send">): Promise<unknown> {
    const seat = this.seats.at(room);
    if (seat === undefined) {
      await visibleRoom(this.context, this.actor, room);
      throw new Refusal("ROOM_ACCESS_DENIED");
    }
    return postMessage(this.context, this.actor, { room: seat.id, clientId, body });
  }

  /**
   * How the commands that join let this connection hear a room; a room that it was in already it stays in. Whoever
   * resumes comes back to all rooms at once, and nobody wants to be told of that.
   */
  #hearing(quiet: boolean): Pick<JoinRoom, "listen" | "unlisten"> {
    const entered = new Set<string>();
    return {
      listen: async (room) => {
        if (await this.sit(room, quiet)) entered.add(room.id);
      },
      unlisten: async (room) => {
        if (entered.has(room.id)) await this.stand(room, false);
      },
    };
  }
}
