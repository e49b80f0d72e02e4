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
import { Refusal } from "../access/refusal.ts";
import { type Audience, canSeeRoom, findVisibleRoom, getVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { RoomRef } from "../fan-out/broadcasts.ts";
import type { ChatEvents } from "../fan-out/chat-events.ts";
import { postMessage, saysAll, usualPage } from "../messages/index.ts";
import { setPresence, startTyping } from "../presence/index.ts";
import { type JoinRoom, joinRoom, resume } from "../rooms/index.ts";
import {
  chatDeleted,
  chatDismissed,
  chatEncoders,
  chatListed,
  chatMembership,
  chatMoved,
  chatPresence,
  chatTyping,
  chatUnlisted,
} from "./chat-frames.ts";
import { commandId, parseFrame, readCommand } from "./command-reader.ts";
import { InFlight } from "./in-flight.ts";
import { type ConnectedCommand, isPlain, runPlain } from "./plain-commands.ts";
import { RoomConnection } from "./room-connection.ts";
import { audienceOf } from "./shared-audience.ts";
import { ToldPresences } from "./told-presences.ts";
import { Typing } from "./typing.ts";

/** Messages of one connection that may wait for their commit at once. */
const MESSAGES_IN_FLIGHT = 64;

type On<Type extends keyof ChatEvents> = EventOf<ChatEvents, Type>;

/**
 * The chat's own protocol. Commands are handled one after another, except that nothing waits for the commit of a message:
 * messages are appended in the order in which they came, and answered as their commits do.
 */
export class ChatConsumer extends RoomConnection {
  static override encoders = chatEncoders;

  protected readonly signedOutStatus = 401;
  protected readonly subprotocol = SUBPROTOCOL;
  readonly #messages = new InFlight(MESSAGES_IN_FLIGHT);
  readonly #typing = new Typing((room, started) => this.#tellTyping(room, started));
  readonly #presences = new ToldPresences();

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
    // One that may have to look at more before it is appended is waited for: those after it must not overtake it.
    if (command.do === "message.send" && !saysAll(command.body)) {
      return this.#messages.begin(this.#answer(command, this.#send(command)));
    }
    const { context, actor } = this;
    return this.#answer(command, isPlain(command) ? runPlain(context, actor, command) : this.#run(command));
  }

  override async disconnect(): Promise<void> {
    this.#typing.stopAll();
    await super.disconnect();
  }

  override onDrain(reconnectAfter: number): void {
    this.#tell({ on: "server.draining", reconnectAfter });
  }

  occupancyChanged({ except }: On<"occupancy.changed">, delivery: Delivery): void {
    if (except !== this.channelName) this.sendShared(delivery, chatMoved);
  }

  typingChanged({ except }: On<"typing.changed">, delivery: Delivery): void {
    if (except !== this.channelName) this.sendShared(delivery, chatTyping);
  }

  /** Told in each room that the two share: the first word is enough. */
  presenceChanged({ presence }: On<"presence.changed">, delivery: Delivery): void {
    if (this.#presences.isNews(presence)) this.sendShared(delivery, chatPresence);
  }

  override async roomChanged(event: On<"room.changed">, delivery: Delivery): Promise<void> {
    const audience = audienceOf(delivery);
    if (canSeeRoom(this.actor, audience)) {
      this.sendShared(delivery, chatListed);
    } else if (!(await this.lose(event.room, false)) && wasListed(this.actor, audience, event.was)) {
      this.sendShared(delivery, chatUnlisted);
    }
  }

  override async membershipChanged(event: On<"membership.changed">, delivery: Delivery): Promise<void> {
    const mayEnter = !event.room.staffOnly || this.actor.staff;
    if (event.admitted && mayEnter) {
      this.sendShared(delivery, chatMembership);
    } else if (!(await this.lose(event.room, false)) && event.wasAdmitted && mayEnter) {
      this.sendShared(delivery, chatDismissed);
    }
  }

  override async roomDeleted({ id }: On<"room.deleted">, delivery: Delivery): Promise<void> {
    const seat = this.seats.at(id);
    if (seat !== undefined) await this.lose(seat, true);
    else if (canSeeRoom(this.actor, audienceOf(delivery))) this.sendShared(delivery, chatDeleted);
  }

  override async accountChanged(event: On<"account.changed">): Promise<void> {
    const { id, username, email, staff, superuser } = event;
    this.#tell({ on: "me.changed", me: { id, username, email, staff, superuser } });
    await super.accountChanged(event);
  }

  protected override risen({ id }: RoomRef): void {
    this.#typing.stop(id);
  }

  protected override async staffFlagMoved(staff: boolean, rooms: readonly Room[]): Promise<void> {
    for (const entry of rooms) {
      if (staff) this.#tell({ on: "room.listed", room: entry.id, entry });
      else if (!(await this.lose(entry, false))) this.#tell({ on: "room.unlisted", room: entry.id });
    }
  }

  protected override async tellLost({ id }: RoomRef): Promise<void> {
    this.#tell({ on: "room.unlisted", room: id });
    // It may be there again by now, and the word of that may have come before this one.
    const entry = await findVisibleRoom(this.context, this.actor, id);
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

  async #run(command: ConnectedCommand): Promise<unknown> {
    const { context, actor } = this;
    switch (command.do) {
      case "ping":
        return {};
      case "room.join":
        return joinRoom(context, actor, {
          room: command.room,
          since: command.since,
          limit: usualPage(context.limits),
          ...this.#hearing(false),
        });
      case "message.send":
        return this.#send(command);
      case "room.leave": {
        const room = this.seats.at(command.room) ?? (await getVisibleRoom(context, actor, command.room));
        await this.stand(room, false);
        return {};
      }
      case "typing.start":
        this.#typing.start(await startTyping(context, actor, command));
        return {};
      case "typing.stop":
        this.#typing.stop((await getVisibleRoom(context, actor, command.room)).id);
        return {};
      case "presence.set":
        await setPresence(context, actor, { ...command, channel: this.channelName });
        return {};
      case "resume":
        return resume(context, actor, { rooms: command.rooms, epoch: command.epoch, ...this.#hearing(true) });
    }
  }

  async #send({ room, clientId, body, replyTo }: CommandOf<"message.send">): Promise<unknown> {
    const seat = this.seats.at(room);
    if (seat === undefined) {
      await getVisibleRoom(this.context, this.actor, room);
      throw new Refusal("ROOM_ACCESS_DENIED");
    }
    // The message says it as well: whoever hears it knows that its author writes no more.
    this.#typing.forget(seat.id);
    return postMessage(this.context, this.actor, { room: seat.id, clientId, body, replyTo });
  }

  #tellTyping(room: string, started: boolean): void {
    const { id, username } = this.actor;
    void this.context.broadcasts.publishTyping(room, { id, username }, started, this.channelName);
  }

  /**
   * How the commands that join let this connection hear a room; a room that it was in already it stays in. Whoever
   * resumes comes back to all rooms at once, and nobody wants to be told of that.
   */
  #hearing(quiet: boolean): Pick<JoinRoom, "subscribe" | "unsubscribe"> {
    const entered = new Set<string>();
    return {
      subscribe: async (room) => {
        if (await this.sit(room, quiet)) entered.add(room.id);
      },
      unsubscribe: async (room) => {
        if (entered.has(room.id)) await this.stand(room, false);
      },
    };
  }
}

/**
 * Whether a room that this person cannot see now was in their list before. Of what becomes of one person's membership they
 * hear by themselves: here only the room has changed, and who was banned before is banned still.
 */
function wasListed(viewer: Actor, now: Audience, was: On<"room.changed">["was"]): boolean {
  if (was === null) return false;
  return canSeeRoom(viewer, { ...now, staffOnly: was.staffOnly, members: was.open ? null : now.members });
}
