import { type AnyEventOf, type Delivery, type EventOf, isChannelsError, WebSocketConsumer } from "@multichat/channels";
import { CLOSE_CODES, ERRORS, type Room } from "@multichat/protocol";
import { canSeeRoom } from "../../access/policies/rooms.ts";
import { Refusal } from "../../access/refusal.ts";
import { toRefusal } from "../../access/to-refusal.ts";
import type { Actor } from "../../accounts/accounts.ts";
import type { RoomRef } from "../../fan-out/broadcasts.ts";
import type { ChatEvents } from "../../fan-out/chat-events.ts";
import { EVERYBODY, roomGroup, userGroup } from "../../fan-out/chat-groups.ts";
import type { PresenceContext } from "../../presence/index.ts";
import { publishEntry, publishExit } from "../../presence/index.ts";
import { listStaffOnlyRooms } from "../../rooms/index.ts";
import type { ChatServices } from "./chat-services.ts";
import { CommandRate } from "./command-rate.ts";
import { readCredentials } from "./credentials.ts";
import { type JoinedRoom, JoinedRooms } from "./joined-rooms.ts";
import { sharedAudience } from "./shared-audience.ts";

/** What the handshake has found out before a connection begins. */
export type ChatScope = { readonly user: Actor; readonly state: ChatServices };

type On<Type extends keyof ChatEvents> = EventOf<ChatEvents, Type>;

/**
 * One person's socket, whatever protocol it speaks: who it is, the rooms that it is in, and what becomes of it when rights
 * or the session end. A room is left in this order: out of the group, then the others are told, then the one who left.
 */
export abstract class RoomConnection extends WebSocketConsumer<ChatEvents, ChatScope> {
  static override layer = "chat";
  static override groups = [EVERYBODY];

  protected readonly joinedRooms = new JoinedRooms();
  protected readonly rate = new CommandRate(this.context.limits.commandsPerSecond);
  /** Rooms that were lost, until the word of it has come behind what was under way from there. */
  readonly #pendingEvictions = new Set<string>();
  #actor: Actor = this.scope.user;

  protected get actor(): Actor {
    return this.#actor;
  }

  protected get services(): ChatServices {
    return this.scope.state;
  }

  protected get context(): PresenceContext {
    return this.services.context;
  }

  /** The HTTP status for somebody who is signed in no more. */
  protected abstract readonly signedOutStatus: 401 | 403;
  /** The subprotocol that the handshake answers with. */
  protected abstract readonly subprotocol: string | undefined;
  /** The connection is out of a room without having asked for it. `gone`: for everybody. */
  protected abstract sendRoomLost(room: RoomRef, gone: boolean): void | Promise<void>;

  override async connect(): Promise<void> {
    this.services.connections.add(this.channelName, this);
    await this.groupAdd(userGroup(this.#actor.id));
    // Asked again now that the end of the session would be heard: it may have come between the two.
    const actor = await this.context.accounts.authenticate(readCredentials(this.scope));
    if (actor === undefined || actor.id !== this.#actor.id) {
      this.refuse(this.signedOutStatus, ERRORS.USER_HAS_TO_LOGIN.message);
      return;
    }
    this.#actor = actor;
    this.accept(this.subprotocol);
    // Nobody waits at the door for who is there to be told, which may take a server that is away.
    void this.context.presence.connect(actor.id, this.channelName);
  }

  /** Whatever ended it: the rooms that it was in are told. */
  override async disconnect(): Promise<void> {
    this.services.connections.remove(this.channelName);
    void this.context.presence.disconnect(this.#actor.id, this.channelName);
    for (const seat of this.joinedRooms) {
      this.joinedRooms.remove(seat);
      this.services.logs.unwatch(seat.id);
      if (!seat.isSilent) await publishExit(this.context, this.#actor, seat);
    }
  }

  /** What waited here while the room was lost is not for this person any more. */
  override shouldSend(event: AnyEventOf<ChatEvents>): boolean {
    if (event.type !== "log.event" && event.type !== "log.replayed") return true;
    return !this.#pendingEvictions.has(event.event.room) || this.joinedRooms.has(event.event.room);
  }

  /** The mailbox was full: what it did not take can be read in the log after coming back, and rights are asked anew. */
  onEventDropped(): void {
    this.close(CLOSE_CODES.TOO_SLOW, "more events than this connection could take");
  }

  async renewGroups(): Promise<void> {
    try {
      for (const group of [...this.groups]) await this.groupAdd(group);
    } catch (error) {
      if (!isChannelsError(error, "ConnectionEnded")) this.logger.error({ err: error }, "memberships were not renewed");
    }
  }

  override layerGap(): void {
    this.close(CLOSE_CODES.RECONNECT, "events may have been missed");
  }

  /**
   * Twice is once. `quiet`: nobody is told, now or at the end, unless it sits down once more and not quietly. False: it
   * was there already. @throws Refusal LIMIT_EXCEEDED.
   */
  protected async joinRoom(room: RoomRef, quiet: boolean): Promise<boolean> {
    const seat = this.joinedRooms.get(room.id);
    if (seat !== undefined) {
      if (seat.isSilent && !quiet) await this.#announceJoin(room);
      return false;
    }
    const most = this.context.limits.roomsPerConnection;
    if (this.joinedRooms.size >= most) {
      throw new Refusal("LIMIT_EXCEEDED", `A connection can be in ${most} rooms; leave one first.`);
    }
    this.services.logs.watch(room);
    try {
      await this.groupAdd(roomGroup(room.id));
    } catch (error) {
      this.services.logs.unwatch(room.id);
      throw error;
    }
    if (quiet) this.joinedRooms.add(room, true);
    else await this.#announceJoin(room);
    await this.context.presence.joinRoom(this.#actor.id, this.channelName, room.id);
    return true;
  }

  async #announceJoin(room: RoomRef): Promise<void> {
    this.joinedRooms.add(room, false);
    await publishEntry(this.context, this.#actor, room, this.channelName);
  }

  /** False: it was not there, and nobody is told. `hearIt`: this connection gets its own notice, after what is under way. */
  protected async leaveRoom(room: RoomRef, hearIt: boolean): Promise<boolean> {
    const seat = this.#removeRoom(room);
    if (seat === undefined) return false;
    // Such as what it has itself said in the room a moment ago.
    if (hearIt) await this.context.broadcasts.flush();
    await this.groupDiscard(roomGroup(room.id));
    if (!seat.isSilent) await publishExit(this.context, this.#actor, room, hearIt ? this.channelName : undefined);
    return true;
  }

  /** What an exception of a command is answered with; a fault of ours is logged. */
  protected toRefusal(error: unknown, command: string): Refusal {
    const refusal = toRefusal(error);
    if (refusal !== undefined) return refusal;
    // The other end went while its command was under way: nobody reads the answer.
    if (!isChannelsError(error, "ConnectionEnded")) this.logger.error({ err: error, command }, "a command failed");
    return new Refusal("INTERNAL");
  }

  async roomChanged({ room }: On<"room.changed">, delivery: Delivery): Promise<void> {
    if (!canSeeRoom(this.#actor, sharedAudience(delivery))) await this.evictFromRoom(room, false);
  }

  async membershipChanged({ room, admitted }: On<"membership.changed">, _delivery: Delivery): Promise<void> {
    if (!admitted || (room.staffOnly && !this.#actor.staff)) await this.evictFromRoom(room, false);
  }

  async roomDeleted({ id }: On<"room.deleted">, _delivery: Delivery): Promise<void> {
    const seat = this.joinedRooms.get(id);
    if (seat !== undefined) await this.evictFromRoom(seat, true);
  }

  async roomEvicted({ room, number, gone }: On<"room.evicted">): Promise<void> {
    this.#pendingEvictions.delete(room);
    // It may have come in again while this was under way.
    if (!this.joinedRooms.has(room)) await this.sendRoomLost({ id: room, number }, gone);
  }

  async accountChanged({ id, username, staff, superuser }: On<"account.changed">): Promise<void> {
    const was = this.#actor;
    this.#actor = { id, username, staff, superuser, session: was.session };
    if (was.staff !== staff) await this.onStaffFlagChanged(staff, await listStaffOnlyRooms(this.context, was));
  }

  /**
   * Asks the accounts again before it believes it: what another process changed may be told in a hurry, for all sessions
   * at once, and who is sent away with this code does not come back by itself.
   */
  async sessionEnded({ session, keep, code }: On<"session.ended">): Promise<void> {
    const { id, session: own } = this.#actor;
    const named = session === null ? own !== keep : own === session;
    if (!named) return;
    this.context.accounts.clearCache(id);
    const actor = await this.context.accounts.authenticate(readCredentials(this.scope));
    if (actor?.id !== id || actor.session !== own) this.close(this.sessionEndCloseCode(code), "the session is over");
  }

  /** The person became staff, or is staff no more; `rooms` are those that exist for them by that alone. */
  protected async onStaffFlagChanged(staff: boolean, rooms: readonly Room[]): Promise<void> {
    if (staff) return;
    for (const room of rooms) await this.evictFromRoom(room, false);
  }

  /** The close code for the end of a session. */
  protected sessionEndCloseCode(code: number): number {
    return code;
  }

  /** Out of the room at once; the word of it comes behind what was under way, and nothing from there comes after it. */
  protected async evictFromRoom(room: RoomRef, gone: boolean): Promise<boolean> {
    const seat = this.#removeRoom(room);
    if (seat === undefined) return false;
    this.#pendingEvictions.add(room.id);
    await this.groupDiscard(roomGroup(room.id));
    // In a room that is gone there is nobody left to tell.
    if (!gone && !seat.isSilent) await publishExit(this.context, this.#actor, room);
    await this.context.broadcasts.publishEviction(this.channelName, room, gone);
    return true;
  }

  /** Out of the room's seats, whatever the reason: for what hangs on being in it. */
  protected onRoomLeft(_room: RoomRef): void {}

  #removeRoom(room: RoomRef): JoinedRoom | undefined {
    const seat = this.joinedRooms.remove(room);
    if (seat === undefined) return undefined;
    this.services.logs.unwatch(room.id);
    this.context.presence.leaveRoom(this.#actor.id, this.channelName, room.id);
    this.onRoomLeft(room);
    return seat;
  }
}
