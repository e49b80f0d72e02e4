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
import { canSeeRoom, type RoomAudience } from "../../access/policies/rooms.ts";
import { Refusal } from "../../access/refusal.ts";
import { findVisibleRoom, getVisibleRoom } from "../../access/visible-room.ts";
import type { Actor } from "../../accounts/accounts.ts";
import type { RoomRef } from "../../fan-out/broadcasts.ts";
import type { ChatEvents } from "../../fan-out/chat-events.ts";
import { defaultPageSize, mentionsEveryone, postMessage } from "../../messages/index.ts";
import { authorizeTyping, setPresence } from "../../presence/index.ts";
import { type JoinRoom, joinRoom, resume } from "../../rooms/index.ts";
import { RoomConnection } from "../connection/room-connection.ts";
import { sharedAudience } from "../connection/shared-audience.ts";
import {
  chatEncoders,
  encodeEntryOrExit,
  encodeMembership,
  encodeMembershipLost,
  encodePresence,
  encodeRoomDeleted,
  encodeRoomListed,
  encodeRoomUnlisted,
  encodeTyping,
} from "./chat-frames.ts";
import { parseFrame, readCommand, readCommandId } from "./command-reader.ts";
import { InFlightLimit } from "./in-flight-limit.ts";
import { PresenceDeduplicator } from "./presence-deduplicator.ts";
import { isStateless, runStateless, type StatefulCommand } from "./stateless-commands.ts";
import { TypingIndicator } from "./typing-indicator.ts";

/** Messages of one connection that may wait for their commit at once. */
const MAX_MESSAGES_IN_FLIGHT = 64;

type On<Type extends keyof ChatEvents> = EventOf<ChatEvents, Type>;

/**
 * The chat's own protocol. Commands are handled one after another, except that nothing waits for the commit of a message:
 * messages are appended in the order in which they came, and answered as their commits do.
 */
export class ChatConsumer extends RoomConnection {
  static override encoders = chatEncoders;

  protected readonly signedOutStatus = 401;
  protected readonly subprotocol = SUBPROTOCOL;
  readonly #messagesInFlight = new InFlightLimit(MAX_MESSAGES_IN_FLIGHT);
  readonly #typing = new TypingIndicator((room, started) => this.#publishTyping(room, started));
  readonly #presences = new PresenceDeduplicator();

  override receive(text: string): void | Promise<void> {
    const rate = this.rate.take();
    if (rate.kind === "flood") return this.close(CLOSE_CODES.PROTOCOL_ERROR, "too many commands");
    const frame = parseFrame(text);
    if (rate.kind === "refuse") {
      return this.#replyWithError(
        readCommandId(frame),
        new Refusal("RATE_LIMITED", undefined, { retryAfter: rate.retryAfter }),
      );
    }
    const read = readCommand(this.services.schemas.commands, frame);
    if (read.kind === "refused") return this.#replyWithError(read.id, read.refusal);
    const { command } = read;
    // One that may have to look at more before it is appended is waited for: those after it must not overtake it.
    if (command.do === "message.send" && !mentionsEveryone(command.body)) {
      return this.#messagesInFlight.begin(this.#replyWith(command, this.#sendMessage(command)));
    }
    const { context, actor } = this;
    return this.#replyWith(command, isStateless(command) ? runStateless(context, actor, command) : this.#run(command));
  }

  override async disconnect(): Promise<void> {
    this.#typing.stopAll();
    await super.disconnect();
  }

  override onDrain(reconnectAfter: number): void {
    this.#sendEvent({ on: "server.draining", reconnectAfter });
  }

  occupancyChanged({ except }: On<"occupancy.changed">, delivery: Delivery): void {
    if (except !== this.channelName) this.sendShared(delivery, encodeEntryOrExit);
  }

  typingChanged({ except }: On<"typing.changed">, delivery: Delivery): void {
    if (except !== this.channelName) this.sendShared(delivery, encodeTyping);
  }

  /** Told in each room that the two share: the first word is enough. */
  presenceChanged({ presence }: On<"presence.changed">, delivery: Delivery): void {
    if (this.#presences.isNews(presence)) this.sendShared(delivery, encodePresence);
  }

  override async roomChanged(event: On<"room.changed">, delivery: Delivery): Promise<void> {
    const audience = sharedAudience(delivery);
    if (canSeeRoom(this.actor, audience)) {
      this.sendShared(delivery, encodeRoomListed);
    } else if (!(await this.evictFromRoom(event.room, false)) && wasListed(this.actor, audience, event.was)) {
      this.sendShared(delivery, encodeRoomUnlisted);
    }
  }

  override async membershipChanged(event: On<"membership.changed">, delivery: Delivery): Promise<void> {
    const mayEnter = !event.room.staffOnly || this.actor.staff;
    if (event.admitted && mayEnter) {
      this.sendShared(delivery, encodeMembership);
    } else if (!(await this.evictFromRoom(event.room, false)) && event.wasAdmitted && mayEnter) {
      this.sendShared(delivery, encodeMembershipLost);
    }
  }

  override async roomDeleted({ id }: On<"room.deleted">, delivery: Delivery): Promise<void> {
    const seat = this.joinedRooms.get(id);
    if (seat !== undefined) await this.evictFromRoom(seat, true);
    else if (canSeeRoom(this.actor, sharedAudience(delivery))) this.sendShared(delivery, encodeRoomDeleted);
  }

  override async accountChanged(event: On<"account.changed">): Promise<void> {
    const { id, username, email, staff, superuser } = event;
    this.#sendEvent({ on: "me.changed", me: { id, username, email, staff, superuser } });
    await super.accountChanged(event);
  }

  protected override onRoomLeft({ id }: RoomRef): void {
    this.#typing.stop(id);
  }

  protected override async onStaffFlagChanged(staff: boolean, rooms: readonly Room[]): Promise<void> {
    for (const entry of rooms) {
      if (staff) this.#sendEvent({ on: "room.listed", room: entry.id, entry });
      else if (!(await this.evictFromRoom(entry, false))) this.#sendEvent({ on: "room.unlisted", room: entry.id });
    }
  }

  protected override async sendRoomLost({ id }: RoomRef): Promise<void> {
    this.#sendEvent({ on: "room.unlisted", room: id });
    // It may be there again by now, and the word of that may have come before this one.
    const entry = await findVisibleRoom(this.context, this.actor, id);
    if (entry !== undefined) this.#sendEvent({ on: "room.listed", room: id, entry });
  }

  #sendEvent(event: EphemeralEvent): void {
    this.send(JSON.stringify(event));
  }

  #reply(reply: Reply): void {
    this.send(JSON.stringify(reply));
  }

  #replyWithError(re: number | null, refusal: Refusal): void {
    this.#reply({ re, error: refusal.toWire() });
  }

  /** Every command gets exactly one reply, whatever becomes of it. Never rejects. */
  async #replyWith(command: Command, answer: Promise<unknown>): Promise<void> {
    try {
      this.#reply({ re: command.id, ok: await answer });
    } catch (error) {
      this.#replyWithError(command.id, this.toRefusal(error, command.do));
    }
  }

  async #run(command: StatefulCommand): Promise<unknown> {
    const { context, actor } = this;
    switch (command.do) {
      case "ping":
        return {};
      case "room.join":
        return joinRoom(context, actor, {
          room: command.room,
          since: command.since,
          limit: defaultPageSize(context.limits),
          ...this.#subscription(false),
        });
      case "message.send":
        return this.#sendMessage(command);
      case "room.leave": {
        const room = this.joinedRooms.get(command.room) ?? (await getVisibleRoom(context, actor, command.room));
        await this.leaveRoom(room, false);
        return {};
      }
      case "typing.start":
        this.#typing.start(await authorizeTyping(context, actor, command));
        return {};
      case "typing.stop":
        this.#typing.stop((await getVisibleRoom(context, actor, command.room)).id);
        return {};
      case "presence.set":
        await setPresence(context, actor, { ...command, channel: this.channelName });
        return {};
      case "resume":
        return resume(context, actor, { rooms: command.rooms, epoch: command.epoch, ...this.#subscription(true) });
    }
  }

  async #sendMessage({ room, clientId, body, replyTo }: CommandOf<"message.send">): Promise<unknown> {
    const seat = this.joinedRooms.get(room);
    if (seat === undefined) {
      await getVisibleRoom(this.context, this.actor, room);
      throw new Refusal("ROOM_ACCESS_DENIED");
    }
    // The message says it as well: whoever hears it knows that its author writes no more.
    this.#typing.forget(seat.id);
    return postMessage(this.context, this.actor, { room: seat.id, clientId, body, replyTo });
  }

  #publishTyping(room: string, started: boolean): void {
    const { id, username } = this.actor;
    void this.context.broadcasts.publishTyping(room, { id, username }, started, this.channelName);
  }

  /**
   * How the commands that join let this connection hear a room; a room that it was in already it stays in. Whoever
   * resumes comes back to all rooms at once, and nobody wants to be told of that.
   */
  #subscription(quiet: boolean): Pick<JoinRoom, "subscribe" | "unsubscribe"> {
    const entered = new Set<string>();
    return {
      subscribe: async (room) => {
        if (await this.joinRoom(room, quiet)) entered.add(room.id);
      },
      unsubscribe: async (room) => {
        if (entered.has(room.id)) await this.leaveRoom(room, false);
      },
    };
  }
}

/**
 * Whether a room that this person cannot see now was in their list before. Of what becomes of one person's membership they
 * hear by themselves: here only the room has changed, and who was banned before is banned still.
 */
function wasListed(viewer: Actor, now: RoomAudience, was: On<"room.changed">["was"]): boolean {
  if (was === null) return false;
  return canSeeRoom(viewer, { ...now, staffOnly: was.staffOnly, members: was.open ? null : now.members });
}
