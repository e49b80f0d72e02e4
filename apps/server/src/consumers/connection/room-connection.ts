import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type AnyEventOf, type Delivery, type EventOf, isChannelsError, WebSocketConsumer } from "@multichat/channels";
import { CLOSE_CODES, ERRORS, type ErrorCode, type Me, type Room } from "@multichat/protocol";
import { canSeeRoom } from "../../access/policies/rooms.ts";
import { Refusal } from "../../access/refusal.ts";
import { toRefusal } from "../../access/to-refusal.ts";
import type { Actor } from "../../accounts/accounts.ts";
import type { Eviction, RoomRef } from "../../fan-out/broadcasts.ts";
import type { ChatEvents } from "../../fan-out/chat-events.ts";
import { EVERYBODY, roomGroup, userGroup } from "../../fan-out/chat-groups.ts";
import type { PresenceContext } from "../../presence/index.ts";
import { listStaffOnlyRooms } from "../../rooms/index.ts";
import type { ChatServices } from "./chat-services.ts";
import { CommandRate } from "./command-rate.ts";
import type { Credentials } from "./credentials.ts";
import { type JoinedRoom, JoinedRooms } from "./joined-rooms.ts";
import { sharedAudience } from "./shared-audience.ts";

/** What the handshake adds to the scope of a connection. */
export type ChatScope = {
  readonly user: Actor;
  readonly state: { readonly services: ChatServices; readonly credentials: Credentials };
};

type On<Type extends keyof ChatEvents> = EventOf<ChatEvents, Type>;

/** Rooms that a connection remembers to have left; in further ones its entries and exits count as repeated. */
const MAX_COUNTED_ROOMS = 1_000;

/** A user's new staff flag, and the rooms that only the flag makes visible. */
export interface StaffFlagChange {
  readonly staff: boolean;
  readonly rooms: readonly Room[];
}

/**
 * One user's socket, in either protocol: its user, the rooms it has joined, and how it loses them when access or the session
 * ends. It leaves a room in this order: leave the group, notify the other members, notify this client.
 */
export abstract class RoomConnection extends WebSocketConsumer<ChatEvents, ChatScope> {
  static override layer = "chat";
  static override groups = [EVERYBODY];

  protected readonly joinedRooms = new JoinedRooms();
  protected readonly rate = new CommandRate(this.context.limits.commandsPerSecond, {
    account: this.services.budgets.of(this.scope.user.id),
  });
  /** Rooms that it was evicted from and whose `room.evicted` has not come back yet. See `evictFromRoom`. */
  #pendingEvictions: Set<string> | undefined;
  /** Rooms that it has left: further entries and exits are repeated ones. */
  #leftRooms: Set<string> | undefined;
  #actor: Actor = this.scope.user;
  /** The staff flag by which the client's list and the joined rooms were last checked; `account.changed` brings it up to date. */
  #appliedStaff = this.scope.user.staff;

  /** The user as of the last handshake, command or change of the account. */
  protected get actor(): Actor {
    return this.#actor;
  }

  protected get services(): ChatServices {
    return this.scope.state.services;
  }

  protected get context(): PresenceContext {
    return this.services.context;
  }

  /** The HTTP status of a handshake whose session has ended. */
  protected abstract readonly signedOutStatus: 401 | 403;
  /** The subprotocol that the handshake accepts. */
  protected abstract readonly subprotocol: string | undefined;
  /** Notifies the client that it was evicted from a room. */
  protected abstract sendRoomLost(room: RoomRef, eviction: Eviction): void | Promise<void>;

  override async connect(): Promise<void> {
    this.services.connections.add(this.channelName, this);
    await this.groupAdd(userGroup(this.#actor.id));
    // The session may have ended before this connection subscribed to its user's events, so it is checked once more.
    const actor = await this.context.accounts.authenticate(this.scope.state.credentials);
    if (!this.#takeActor(actor)) {
      const code = actor?.passwordChangeRequired === true ? "PASSWORD_CHANGE_REQUIRED" : "USER_HAS_TO_LOGIN";
      this.recordRefusal(code, `GET ${this.scope.path}`);
      this.refuse(code === "USER_HAS_TO_LOGIN" ? this.signedOutStatus : 403, ERRORS[code].message);
      return;
    }
    this.#appliedStaff = this.#actor.staff;
    this.accept(this.subprotocol);
    // Not awaited: publishing presence can wait for an unavailable Redis.
    void this.context.presence.connect(this.#actor.id, this.channelName);
  }

  /**
   * Takes the user as of now, before a command: it may have waited behind others while the session ended or a flag was lost, and
   * the event that says so waits behind it. Returns whether the session lasts; if not, the connection is closed. A promise only
   * where the account cache does not have the session: once in 15 seconds, and more often beyond the 10,000 sessions that it holds.
   */
  protected checkSession(): true | Promise<boolean> {
    return (
      this.#takeActor(this.context.accounts.authenticateCached(this.scope.state.credentials)) || this.#authenticate()
    );
  }

  async #authenticate(): Promise<boolean> {
    const { accounts } = this.context;
    if (this.#takeActor(await accounts.authenticate(this.scope.state.credentials))) return true;
    const account = await accounts.find(this.#actor.id);
    const code = account?.active === true ? CLOSE_CODES.SIGNED_OUT : CLOSE_CODES.BANNED;
    this.close(this.sessionEndCloseCode(code), "session ended");
    return false;
  }

  /** Returns false for nobody, and for a user who has to choose a new password before anything else. */
  #takeActor(actor: Actor | undefined): boolean {
    if (actor?.id !== this.#actor.id || actor.passwordChangeRequired === true) return false;
    // Mostly the same user as before, whose object the scope keeps.
    if (!isDeepStrictEqual(actor, this.#actor)) this.#actor = actor;
    return true;
  }

  /** Notifies the rooms that the connection had joined, however it ended. */
  override async disconnect(): Promise<void> {
    this.services.connections.remove(this.channelName);
    void this.context.presence.disconnect(this.#actor.id, this.channelName);
    for (const joined of this.joinedRooms) {
      this.joinedRooms.remove(joined);
      this.services.logs.unwatch(joined.id);
      this.services.occupancy.remove(joined, this.#actor);
      if (!joined.isSilent) await this.#publishExit(joined);
    }
  }

  /** Drops events that were queued here when access to their room was lost. */
  override shouldSend(event: AnyEventOf<ChatEvents>): boolean {
    if (event.type === "log.event") return !this.isLeavingAfterEviction(event.event.room);
    return event.type !== "log.events" || !this.isLeavingAfterEviction(event.room);
  }

  /** Whether access to a room was lost and its notice to the client is still on the way. The room's events are dropped meanwhile. */
  protected isLeavingAfterEviction(room: string): boolean {
    return this.#pendingEvictions?.has(room) === true && !this.joinedRooms.has(room);
  }

  /** Closes the connection, whose mailbox was full: on reconnect the client resumes and its access is checked again. */
  onEventDropped(): void {
    this.close(CLOSE_CODES.TOO_SLOW, "more events than this connection could take");
  }

  async renewGroups(): Promise<void> {
    try {
      for (const group of [...this.groups]) await this.groupAdd(group);
    } catch (error) {
      if (!isChannelsError(error, "ConnectionEnded"))
        this.logger.error({ err: error }, "failed to renew group memberships");
    }
  }

  override layerGap(): void {
    this.close(CLOSE_CODES.RECONNECT, "events may have been missed");
  }

  /**
   * Subscribes this connection to a room. A silent join is announced to nobody, and neither is its leave, until the
   * connection joins again without `silent`.
   * @returns false if it had joined already.
   * @throws Refusal LIMIT_EXCEEDED.
   */
  protected async joinRoom(room: RoomRef, { silent }: { readonly silent: boolean }): Promise<boolean> {
    const joined = this.joinedRooms.get(room.id);
    if (joined !== undefined) {
      if (joined.isSilent && !silent) await this.#announceJoin(joined);
      return false;
    }
    const maxRooms = this.context.limits.roomsPerConnection;
    if (this.joinedRooms.size >= maxRooms) {
      throw new Refusal("LIMIT_EXCEEDED", `A connection can join at most ${maxRooms} rooms. Leave one first.`);
    }
    const ref = await this.services.logs.watch(room);
    try {
      for (const group of this.groupsOf(room.id)) await this.groupAdd(group);
    } catch (error) {
      this.services.logs.unwatch(room.id);
      for (const group of this.groupsOf(room.id)) await this.groupDiscard(group);
      throw error;
    }
    this.services.occupancy.add(ref, this.#actor);
    if (silent) this.joinedRooms.add(ref, { silent });
    else await this.#announceJoin(ref);
    await this.context.presence.joinRoom(this.#actor.id, this.channelName, room.id);
    return true;
  }

  async #announceJoin(room: RoomRef): Promise<void> {
    this.joinedRooms.add(room, { silent: false });
    await this.services.occupancy.publishEntry(this.#actor, room, {
      isFirst: this.#isFirstVisit(room),
      channel: this.channelName,
    });
  }

  /**
   * Unsubscribes this connection from a room. With `notifySelf` this client gets the exit notice too, after the room's
   * earlier events.
   * @returns false if it had not joined.
   */
  protected async leaveRoom(room: RoomRef, { notifySelf }: { readonly notifySelf: boolean }): Promise<boolean> {
    const joined = this.#removeRoom(room);
    if (joined === undefined) return false;
    // The client's own last message may still be on its way.
    if (notifySelf) await this.context.broadcasts.flush();
    for (const group of this.groupsOf(room.id)) await this.groupDiscard(group);
    if (!joined.isSilent) {
      await this.#publishExit(room, notifySelf ? this.channelName : undefined);
    }
    return true;
  }

  /** Waits before the next command where the client ignores refusals. TCP makes it wait when enough commands do. */
  protected pauseAfterRefusal({ pauseMs }: { readonly pauseMs: number }): Promise<void> | undefined {
    return pauseMs === 0 ? undefined : setTimeout(pauseMs);
  }

  /** Records that a command was refused: in the audit log for a lack of access, in the server's log for invalid input. */
  protected recordRefusal(code: ErrorCode, target: string, room?: string | number): void {
    const { address } = this.scope.client;
    this.services.refusals.record({ code, actor: this.#actor, address, target, room });
  }

  /** Returns the refusal to answer a failed command with, and logs an unexpected error. */
  protected toRefusal(error: unknown, command: string): Refusal {
    const refusal = toRefusal(error);
    if (refusal !== undefined) return refusal;
    // The client disconnected during its command, so the answer reaches nobody.
    if (!isChannelsError(error, "ConnectionEnded"))
      this.logger.error({ err: error, command }, "failed to run a command");
    return new Refusal("INTERNAL");
  }

  async roomChanged({ room }: On<"room.changed">, delivery: Delivery): Promise<void> {
    if (!canSeeRoom(this.#actor, sharedAudience(delivery))) await this.evictFromRoom(room, { deleted: false });
  }

  async membershipChanged({ room, admitted }: On<"membership.changed">, _delivery: Delivery): Promise<void> {
    if (!admitted || (room.staffOnly && !this.#actor.staff)) await this.evictFromRoom(room, { deleted: false });
  }

  async roomDeleted({ id }: On<"room.deleted">, _delivery: Delivery): Promise<void> {
    const joined = this.joinedRooms.get(id);
    if (joined !== undefined) await this.evictFromRoom(joined, { deleted: true });
  }

  /** The end of an eviction that `evictFromRoom` began: every event that was ahead of it has been handled. */
  async roomEvicted({ room, number, deleted }: On<"room.evicted">): Promise<void> {
    this.#pendingEvictions?.delete(room);
    // The connection may have joined again since.
    if (!this.joinedRooms.has(room)) await this.sendRoomLost({ id: room, number }, { deleted });
  }

  /** Looks the account up: an event can be older than another one that has arrived, and its flags would give back what was lost. */
  async accountChanged({ email }: On<"account.changed">): Promise<void> {
    if (!(await this.#authenticate())) return;
    const { id, username, staff, superuser } = this.#actor;
    this.onAccountChanged({ id, username, email, staff, superuser });
    if (staff === this.#appliedStaff) return;
    this.#appliedStaff = staff;
    await this.onStaffFlagChanged({ staff, rooms: await listStaffOnlyRooms(this.context, { id }) });
  }

  /**
   * Closes the connection if its session has ended. The session is looked up again first: an event from another process can
   * name all sessions of a user, and a client that is closed with this code does not reconnect.
   */
  async sessionEnded({ session, keep, code }: On<"session.ended">): Promise<void> {
    const { id, session: ownSession } = this.#actor;
    const isAffected = session === null ? ownSession !== keep : ownSession === session;
    if (!isAffected) return;
    this.context.accounts.clearCache(id);
    const actor = await this.context.accounts.authenticate(this.scope.state.credentials);
    if (!this.#takeActor(actor)) this.close(this.sessionEndCloseCode(code), "session ended");
  }

  /** Called when the account's name or flags may have changed. */
  protected onAccountChanged(_me: Me): void {}

  /** Called when the user became staff or lost the flag. */
  protected async onStaffFlagChanged({ staff, rooms }: StaffFlagChange): Promise<void> {
    if (staff) return;
    for (const room of rooms) await this.evictFromRoom(room, { deleted: false });
  }

  /** Returns the close code that ends the connection with its session. */
  protected sessionEndCloseCode(code: number): number {
    return code;
  }

  /**
   * Removes this connection from a room immediately, and sends itself `room.evicted` through the layer. That message queues
   * behind the room's events that are already on their way here; until it arrives they are dropped, and when it arrives the
   * client is notified. So no event of the room follows the notice, and none from after the loss of access precedes it.
   * @returns false if it had not joined.
   */
  protected async evictFromRoom(room: RoomRef, { deleted }: Eviction): Promise<boolean> {
    const joined = this.#removeRoom(room);
    if (joined === undefined) return false;
    this.#pendingEvictions ??= new Set();
    this.#pendingEvictions.add(room.id);
    for (const group of this.groupsOf(room.id)) await this.groupDiscard(group);
    // A deleted room has no members left to notify.
    if (!deleted && !joined.isSilent) await this.#publishExit(room);
    await this.context.broadcasts.publishEviction(this.channelName, room, { deleted });
    return true;
  }

  async #publishExit(room: RoomRef, alsoTo?: string): Promise<void> {
    const isFirst = this.#isFirstVisit(room);
    if (isFirst) {
      this.#leftRooms ??= new Set();
      this.#leftRooms.add(room.id);
    }
    await this.services.occupancy.publishExit(this.#actor, room, { isFirst, alsoTo });
  }

  /** Whether the connection has not left the room before. The first entry and the first exit are published in any case. */
  #isFirstVisit({ id }: RoomRef): boolean {
    const left = this.#leftRooms;
    return left === undefined || (left.size < MAX_COUNTED_ROOMS && !left.has(id));
  }

  /** Returns the groups of a connection that has joined a room. */
  protected groupsOf(room: string): readonly string[] {
    return [roomGroup(room)];
  }

  /** Called after the connection left a room, for any reason. */
  protected onRoomLeft(_room: RoomRef): void {}

  #removeRoom(room: RoomRef): JoinedRoom | undefined {
    const joined = this.joinedRooms.remove(room);
    if (joined === undefined) return undefined;
    this.services.logs.unwatch(room.id);
    this.services.occupancy.remove(room, this.#actor);
    this.context.presence.leaveRoom(this.#actor.id, this.channelName, room.id);
    this.onRoomLeft(room);
    return joined;
  }
}
