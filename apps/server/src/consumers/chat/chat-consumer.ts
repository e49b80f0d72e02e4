import type { AnyEventOf, Delivery, EventOf } from "@multichat/channels";
import {
  type Command,
  type CommandOf,
  type EphemeralEvent,
  type JoinedRoom,
  type Me,
  type Reply,
  SUBPROTOCOL,
} from "@multichat/protocol";
import { mightMentionAll } from "@multichat/protocol/markup";
import { MAX_JSON_MEMBERS } from "../../access/json-bounds.ts";
import { canSeeRoom, type RoomAudience } from "../../access/policies/rooms.ts";
import { Refusal } from "../../access/refusal.ts";
import { findVisibleRoom, getVisibleRoom } from "../../access/visible-room.ts";
import { bodyCost, replyCost } from "../../access/work-cost.ts";
import type { Actor } from "../../accounts/accounts.ts";
import type { RoomRef } from "../../fan-out/broadcasts.ts";
import type { ChatEvents } from "../../fan-out/chat-events.ts";
import { defaultPageSize, PostOrder, postMessage, type ReactionPacer, setReaction } from "../../messages/index.ts";
import { authorizeTyping, setPresence } from "../../presence/index.ts";
import { type JoinRoom, joinRoom, resumeRooms } from "../../rooms/index.ts";
import { ownTurn } from "../connection/own-turn.ts";
import { RoomConnection, type StaffFlagChange } from "../connection/room-connection.ts";
import { sharedAudience } from "../connection/shared-audience.ts";
import {
  chatEncoders,
  encodeMembership,
  encodeMembershipLost,
  encodeRoomDeleted,
  encodeRoomListed,
  encodeRoomUnlisted,
} from "./chat-frames.ts";
import { extraCost, hasLongBody } from "./command-cost.ts";
import { parseFrame, readCommand, readCommandId } from "./command-reader.ts";
import { EarlyEvents, type RoomEvent, roomOf } from "./early-events.ts";
import { PresenceDeduplicator } from "./presence-deduplicator.ts";
import { isStateless, runStateless, type StatefulCommand } from "./stateless-commands.ts";
import { joinedToJson, resumedToJson, stringifyReply, type TextOf } from "./stringify-reply.ts";
import { TypingIndicator } from "./typing-indicator.ts";

type On<Type extends keyof ChatEvents> = EventOf<ChatEvents, Type>;

/**
 * A connection that speaks `multichat.v1`. Commands run one after another, except that the next command does not wait for
 * the commit of a message: messages are appended in the order of arrival, and each reply is sent after its commit. Nor does it
 * wait for a reaction that is changed too often (see `ReactionPacer`). The events of rooms, typing and presence do not wait for a
 * command; changes of access do, and what follows them.
 */
export class ChatConsumer extends RoomConnection {
  static override encoders = chatEncoders;
  /** Messages of one connection that can wait for their commit at the same time, and repeated reactions for their turn. */
  static override maxConcurrentFrames = 64;

  protected readonly signedOutStatus = 401;
  protected readonly subprotocol = SUBPROTOCOL;
  // Most connections only listen: what the others need is created when they do.
  #postOrder: PostOrder | undefined;
  /** Of the rooms that the command under way joins. */
  #earlyEvents: EarlyEvents | undefined;
  #typing: TypingIndicator | undefined;
  readonly #presences = new PresenceDeduplicator();

  override receive(text: string): void | Promise<void> {
    const rate = this.rate.take();
    // A resume names every room that it has joined.
    const frame = parseFrame(text, MAX_JSON_MEMBERS + this.context.limits.roomsPerConnection);
    if (rate.kind === "refuse") {
      this.recordRefusal("RATE_LIMITED", "any command");
      const { retryAfter } = rate;
      this.#replyWithError(readCommandId(frame), new Refusal("RATE_LIMITED", undefined, { retryAfter }));
      return this.pauseAfterRefusal(rate);
    }
    const read = readCommand(this.services.schemas.commands, frame);
    if (read.kind === "refused") {
      this.rate.charge(bodyCost(text));
      this.recordRefusal(read.refusal.code, "any command");
      return this.#replyWithError(read.id, read.refusal);
    }
    const { command } = read;
    this.rate.charge(extraCost(command));
    if (hasLongBody(command)) return ownTurn().then(() => this.#start(command));
    return this.#start(command);
  }

  #start(command: Command): void | Promise<void> {
    // A ping does nothing, and connections that only listen send it: it must not cost a query.
    const isSignedIn = command.do === "ping" || this.checkSession();
    return isSignedIn === true ? this.#execute(command) : this.#startLater(command, isSignedIn);
  }

  async #startLater(command: Command, isSignedIn: Promise<boolean>): Promise<void> {
    try {
      if (!(await isSignedIn)) return;
    } catch (error) {
      return this.#replyWith(command, Promise.reject(error));
    }
    await this.#execute(command);
  }

  #execute(command: Command): void | Promise<void> {
    // A message with @all needs another read before its append, so it is awaited: later messages must not overtake it.
    if (command.do === "message.send" && !mightMentionAll(command.body)) {
      return this.continueFrame(this.#replyWith(command, this.#sendMessage(command)));
    }
    if (command.do === "reaction.add" || command.do === "reaction.remove") {
      const { isWaiting, result } = this.#setReaction(command);
      const replied = this.#replyWith(command, result);
      // The next command does not wait for what has to wait.
      return isWaiting ? this.continueFrame(replied) : replied;
    }
    const { context, actor } = this;
    if (isStateless(command)) return this.#replyWith(command, runStateless(context, actor, command));
    return this.#replyWith(command, this.#run(command)).then(() => this.#sendEarlyEvents());
  }

  /**
   * Drops events of rooms that the connection has not joined or has lost, what the user does on this connection, and repeated
   * presences. Holds those that have to follow the answer to a join.
   */
  override shouldSend(event: AnyEventOf<ChatEvents>): boolean {
    switch (event.type) {
      case "log.event":
      case "log.events":
        return this.#isDue(event);
      case "occupancy.counted":
        return !isOwnEntry(event, this.actor.id) && this.#isDue(event);
      case "typing.changed":
        return event.except !== this.channelName && this.#isDue(event);
      case "presence.changed":
        // It arrives once for each room that the two users share.
        return this.#isDue(event) && this.#presences.isNew(event.presence);
      default:
        return true;
    }
  }

  override async disconnect(): Promise<void> {
    this.#typing?.stopAll();
    await super.disconnect();
  }

  override onDrain(reconnectAfter: number): void {
    this.#sendEvent({ on: "server.draining", reconnectAfter });
  }

  override async roomChanged(event: On<"room.changed">, delivery: Delivery): Promise<void> {
    const audience = sharedAudience(delivery);
    if (canSeeRoom(this.actor, audience)) {
      this.sendShared(delivery, encodeRoomListed);
    } else if (
      !(await this.evictFromRoom(event.room, { deleted: false })) &&
      wasListed(this.actor, audience, event.previous)
    ) {
      this.sendShared(delivery, encodeRoomUnlisted);
    }
  }

  override async membershipChanged(event: On<"membership.changed">, delivery: Delivery): Promise<void> {
    const canEnter = !event.room.staffOnly || this.actor.staff;
    if (event.admitted && canEnter) {
      this.sendShared(delivery, encodeMembership);
    } else if (!(await this.evictFromRoom(event.room, { deleted: false })) && event.wasAdmitted && canEnter) {
      this.sendShared(delivery, encodeMembershipLost);
    }
  }

  override async roomDeleted({ id }: On<"room.deleted">, delivery: Delivery): Promise<void> {
    const joined = this.joinedRooms.get(id);
    if (joined !== undefined) await this.evictFromRoom(joined, { deleted: true });
    else if (canSeeRoom(this.actor, sharedAudience(delivery))) this.sendShared(delivery, encodeRoomDeleted);
  }

  protected override onAccountChanged(me: Me): void {
    this.#sendEvent({ on: "me.changed", me });
  }

  protected override onRoomLeft({ id }: RoomRef): void {
    this.#typing?.stop(id);
  }

  protected override async onStaffFlagChanged({ staff, rooms }: StaffFlagChange): Promise<void> {
    for (const entry of rooms) {
      if (staff) this.#sendEvent({ on: "room.listed", room: entry.id, entry });
      else if (!(await this.evictFromRoom(entry, { deleted: false })))
        this.#sendEvent({ on: "room.unlisted", room: entry.id });
    }
  }

  protected override async sendRoomLost({ id }: RoomRef): Promise<void> {
    this.#sendEvent({ on: "room.unlisted", room: id });
    // Access may have been restored since, and the event that said so may have arrived before this one.
    const entry = await findVisibleRoom(this.context, this.actor, id);
    if (entry !== undefined) this.#sendEvent({ on: "room.listed", room: id, entry });
  }

  #isDue(event: RoomEvent): boolean {
    const earlyEvents = this.#earlyEvents;
    if (earlyEvents?.concerns(event) !== true) return this.joinedRooms.has(roomOf(event));
    if (!earlyEvents.hold(event)) this.#sendEarlyEvents();
    return false;
  }

  /** Sends what arrived while rooms were being joined, of those that are joined now. */
  #sendEarlyEvents(): void {
    const earlyEvents = this.#earlyEvents;
    this.#earlyEvents = undefined;
    for (const event of earlyEvents?.events ?? []) {
      if (!this.joinedRooms.has(roomOf(event))) continue;
      if (event.type === "presence.changed" && !this.#presences.isNew(event.presence)) continue;
      const frame = chatEncoders.findEncoder(event.type)?.encode(event);
      if (frame) this.send(frame);
    }
  }

  #sendEvent(event: EphemeralEvent): void {
    this.send(JSON.stringify(event));
  }

  #reply(reply: Reply): void {
    const text = stringifyReply(reply);
    this.rate.charge(replyCost(text));
    this.send(text);
  }

  #replyWithError(re: number | null, refusal: Refusal): void {
    this.#reply({ re, error: refusal.toWire() });
  }

  /** Sends exactly one reply to the command, also when it fails. Never rejects. */
  async #replyWith(command: Command, result: Promise<unknown>): Promise<void> {
    try {
      this.#reply({ re: command.id, ok: await result });
    } catch (error) {
      const refusal = this.toRefusal(error, command.do);
      this.recordRefusal(refusal.code, command.do, "room" in command ? command.room : undefined);
      this.#replyWithError(command.id, refusal);
    }
  }

  async #run(command: StatefulCommand): Promise<unknown> {
    const { context, actor } = this;
    switch (command.do) {
      case "ping":
        return {};
      case "room.join":
        return joinedToJson(
          this.#withOccupants(
            await joinRoom(context, actor, {
              room: command.room,
              since: command.since,
              limit: defaultPageSize(context.limits),
              pages: this.services.pages,
              missed: this.services.missed,
              ...this.#subscription({ silent: false }),
            }),
          ),
          this.#textOf,
        );
      case "message.send":
        return this.#sendMessage(command);
      case "reaction.add":
      case "reaction.remove":
        return this.#setReaction(command).result;
      case "room.leave": {
        const room = this.joinedRooms.get(command.room) ?? (await getVisibleRoom(context, actor, command.room));
        await this.leaveRoom(room, { notifySelf: false });
        return {};
      }
      case "typing.start":
        this.#startTyping(await authorizeTyping(context, actor, command));
        return {};
      case "typing.stop": {
        const { id } = await getVisibleRoom(context, actor, command.room);
        this.#typing?.stop(id);
        return {};
      }
      case "presence.set":
        await setPresence(context, actor, { ...command, channel: this.channelName });
        return {};
      case "resume": {
        const resumed = await resumeRooms(context, actor, {
          rooms: command.rooms,
          epoch: command.epoch,
          pages: this.services.pages,
          missed: this.services.missed,
          ...this.#subscription({ silent: true }),
        });
        const rooms = Object.entries(resumed.rooms).map(([id, room]) => [
          id,
          "gone" in room ? room : this.#withOccupants(room),
        ]);
        return resumedToJson({ ...resumed, rooms: Object.fromEntries(rooms) }, this.#textOf);
      }
    }
  }

  get #textOf(): TextOf {
    const { pages, missed } = this.services;
    return (shared) => ("messages" in shared ? pages.textOf(shared) : missed.textOf(shared));
  }

  #withOccupants(joined: JoinedRoom): JoinedRoom {
    const occupants = this.services.occupancy.count(joined.room.id);
    return occupants === null ? joined : { ...joined, occupants };
  }

  async #sendMessage({ room, clientId, body, replyTo, files }: CommandOf<"message.send">): Promise<unknown> {
    const joined = this.joinedRooms.get(room);
    if (joined === undefined) {
      await getVisibleRoom(this.context, this.actor, room);
      throw new Refusal("ROOM_ACCESS_DENIED");
    }
    // The message implies that its author stopped typing.
    this.#typing?.clear(joined.id);
    this.services.typingNotices.switchedOff(this.#typingKey(joined.id));
    this.#postOrder ??= new PostOrder();
    return postMessage(this.context, this.actor, {
      room: joined.id,
      clientId,
      body,
      replyTo,
      files,
      order: this.#postOrder,
    });
  }

  #setReaction(command: CommandOf<"reaction.add"> | CommandOf<"reaction.remove">): ReturnType<ReactionPacer["set"]> {
    const { actor, context, services } = this;
    const { room, message, emoji, clientId } = command;
    // Without the room's id: the number and the id of one room count separately, which is no more than twice as much.
    const state = {
      user: actor.id,
      room: String(room),
      message,
      emoji,
      clientId,
      present: command.do === "reaction.add",
    };
    return services.reactions.set(state, async (present) => {
      // It may have waited for a minute, and the connection may be closed.
      if (!(await this.checkSession())) throw new Refusal("USER_HAS_TO_LOGIN");
      return setReaction(context, this.actor, { ...command, present });
    });
  }

  #startTyping(room: string): void {
    this.#typing ??= new TypingIndicator((id, { started }) => this.#publishTyping(id, { started }));
    this.#typing.start(room);
  }

  #publishTyping(room: string, { started }: { readonly started: boolean }): void {
    const { id, username } = this.actor;
    void this.services.typingNotices.publish(this.#typingKey(room), {
      isOn: started,
      send: () => this.context.broadcasts.publishTyping(room, { id, username }, { started, except: this.channelName }),
    });
  }

  #typingKey(room: string): string {
    return `${room} ${this.actor.id}`;
  }

  /**
   * Returns how a command joins this connection to a room, and how it undoes only the joins that it made. A resume joins
   * silently: entry notices for every room of a reconnecting client would be noise.
   */
  #subscription({ silent }: { readonly silent: boolean }): Pick<JoinRoom, "subscribe" | "unsubscribe"> {
    const joinedNow = new Set<string>();
    const earlyEvents = new EarlyEvents();
    this.#earlyEvents = earlyEvents;
    return {
      subscribe: async (room) => {
        if (!this.joinedRooms.has(room.id)) earlyEvents.add(room.id);
        if (await this.joinRoom(room, { silent })) joinedNow.add(room.id);
      },
      unsubscribe: async (room) => {
        if (joinedNow.has(room.id)) await this.leaveRoom(room, { notifySelf: false });
      },
    };
  }
}

function isOwnEntry({ entered, exited }: On<"occupancy.counted">, user: string): boolean {
  return entered.length === 1 && exited.length === 0 && entered[0]?.id === user;
}

/**
 * Returns whether a room that the viewer cannot see now was in their list before. Changes of one user's membership arrive in
 * events of their own, so only the room itself differs here; the members and bans are the same as before.
 */
function wasListed(viewer: Actor, now: RoomAudience, previous: On<"room.changed">["previous"]): boolean {
  if (previous === null) return false;
  return canSeeRoom(viewer, { ...now, staffOnly: previous.staffOnly, members: previous.open ? null : now.members });
}
