import {
  type CommandName,
  type Commands,
  LIMITS,
  type Me,
  type OkOf,
  type RoomListEntry,
  type ServerEvent,
  type WireError,
} from "@multichat/protocol";
import { fullJitter } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { ClientBusy, CommandError, ConnectionLost, ReplyTimeout } from "./errors.ts";
import type { RoomDirectory } from "./room-directory.ts";
import type { TrackedRoom } from "./tracked-room.ts";

/** Of the rooms that one connection may hear, these are left for rooms that are opened without being followed. */
const RESERVED = 50;
/** Milliseconds that a hole is given to close by itself (events of two servers may overtake each other), and as much again by chance. */
const HOLE_PATIENCE = 60;
/** Milliseconds after which a count that may be off is asked for, and as much again by chance. */
const RECOUNT_AFTER = 500;
/** Milliseconds after which a room that nobody looks at any more is left, where only open rooms are heard. */
const LEAVE_AFTER = 10_000;
/** Milliseconds between two looks at the whole list: what no event told comes to light there. */
const AUDIT_EVERY = 300_000;

export interface SyncHost {
  readonly clock: Clock;
  readonly random: () => number;
  readonly follow: "listed" | "opened";
  readonly maxIdleRooms: number;
  readonly directory: RoomDirectory;
  request<N extends CommandName>(name: N, carries: Commands[N]["carries"]): Promise<OkOf<N>>;
  /** Every room that was ever asked for. */
  rooms(): Iterable<TrackedRoom>;
  room(id: string): TrackedRoom;
  known(id: string): TrackedRoom | undefined;
  me(): Me | null;
  /** Who this connection belongs to. Where it is somebody else than before, everything is forgotten first. */
  signedIn(me: Me): void;
  /** The connection does not answer as it should. */
  distrust(): void;
  /** This connection is in the room now, or will not be. */
  seated(room: string): void;
  notSeated(room: string, error: WireError): void;
  hasUnsent(room: string): boolean;
  /** The answer to the whole list was applied. */
  listKept(): void;
  roomGone(id: string): void;
}

/** Keeps every room level with the server's log: after connecting, after a hole, and in between. */
export class Sync {
  readonly #host: SyncHost;
  #epoch: string | undefined;
  /** Counts connections; 0 between them. What an old connection's answer says is not applied to a new one. */
  #connection = 0;
  #connections = 0;
  /** The first answers of this connection are applied. */
  #levelled = false;
  readonly #joining = new Set<TrackedRoom>();
  /** Rooms that came back while they were being joined: a refusal is not the last word. */
  readonly #again = new Set<TrackedRoom>();
  readonly #recounting = new Set<TrackedRoom>();
  readonly #holes = new Map<TrackedRoom, { attempt: number; stop: () => void }>();
  readonly #leaving = new Map<TrackedRoom, () => void>();
  /** Closed rooms that still hold messages, the longest closed first. */
  readonly #idle = new Set<TrackedRoom>();
  readonly #toFollow = new Set<string>();
  #stopTimers = new Set<() => void>();

  constructor(host: SyncHost) {
    this.#host = host;
  }

  get epoch(): string | undefined {
    return this.#epoch;
  }

  restore(epoch: string): void {
    this.#epoch ??= epoch;
  }

  forget(): void {
    this.#epoch = undefined;
    for (const room of this.#host.rooms()) room.forget();
    this.#host.directory.clear();
  }

  connected(): void {
    this.#connections += 1;
    this.#connection = this.#connections;
    void this.#level(this.#connection);
  }

  disconnected(): void {
    this.#connection = 0;
    this.#levelled = false;
    this.#joining.clear();
    this.#again.clear();
    this.#recounting.clear();
    this.#toFollow.clear();
    for (const { stop } of this.#holes.values()) stop();
    this.#holes.clear();
    for (const stop of this.#leaving.values()) stop();
    this.#leaving.clear();
    for (const stop of this.#stopTimers) stop();
    this.#stopTimers.clear();
    this.#host.directory.disconnected();
    for (const room of this.#host.rooms()) room.disconnected();
  }

  event(event: ServerEvent): void {
    const { directory } = this.#host;
    switch (event.on) {
      case "room.listed": {
        directory.listed(event.entry);
        const room = this.#host.known(event.room);
        room?.described(event.entry);
        // What is being asked may be answered from before.
        if (room !== undefined && this.#joining.has(room)) this.#again.add(room);
        // Before it is known who this is, nothing is asked for; then everything is.
        if (!this.#levelled) break;
        if (room?.isOpen === true && !room.isSynced) this.#join(room);
        else if (room === undefined || !room.isSynced) this.#followSoon(event.room);
        break;
      }
      case "room.unlisted":
        directory.unlisted(event.room);
        this.#gone(event.room);
        break;
      case "member.entered":
        this.#host.known(event.room)?.noticed("entered", event.user);
        break;
      case "member.left":
        this.#host.known(event.room)?.noticed("left", event.user);
        break;
      case "room.read": {
        const { room, seq, unread, mentions } = event;
        const known = this.#host.known(room);
        known?.marked({ readSeq: seq, unread, mentions });
        if (known?.isSynced !== true) directory.update(room, { unread, mentions });
        break;
      }
      case "me.changed":
        this.#host.signedIn(event.me);
        break;
      case "server.draining":
        break;
      default:
        // Also events that this version does not know: those with a seq have their place in a log.
        if (typeof event.seq === "number") this.#host.known(event.room)?.event(event);
    }
  }

  /** Somebody looks at the room. */
  opened(room: TrackedRoom): void {
    this.#idle.delete(room);
    this.#leaving.get(room)?.();
    this.#leaving.delete(room);
    if (this.#connection !== 0 && this.#host.me() !== null && (room.needsPage || !room.isSynced)) this.#join(room);
  }

  closed(room: TrackedRoom): void {
    this.idle(room);
    this.#leaveLater(room);
  }

  /** The room holds messages that nobody looks at: of the longest closed they go, beyond the bound. */
  idle(room: TrackedRoom): void {
    this.#idle.add(room);
    if (this.#idle.size > this.#host.maxIdleRooms) {
      const [longest] = this.#idle;
      if (longest !== undefined) {
        this.#idle.delete(longest);
        longest.evict();
      }
    }
  }

  /** Somebody wants to post there. @returns whether that is possible now; if not, the room is joined. */
  seat(room: TrackedRoom): boolean {
    if (room.isSynced) return true;
    if (this.#levelled && this.#connection !== 0) this.#join(room);
    return false;
  }

  /** The server says that this connection is not in the room that it believed to be in. */
  unseated(room: TrackedRoom): void {
    if (this.#joining.has(room)) return;
    room.disconnected();
    this.#join(room);
  }

  /** Nothing is left to be posted there. */
  sentAll(room: TrackedRoom): void {
    this.#leaveLater(room);
  }

  #leaveLater(room: TrackedRoom): void {
    if (this.#host.follow !== "opened" || this.#connection === 0 || room.isOpen || this.#leaving.has(room)) return;
    this.#leaving.set(
      room,
      this.#host.clock.after(LEAVE_AFTER, () => this.#leave(room)),
    );
  }

  /** The room's log goes on beyond what came. */
  behind(room: TrackedRoom): void {
    if (this.#connection === 0 || this.#holes.has(room)) return;
    this.#waitForHole(room, 1);
  }

  /** Only an answer that says how far it counts settles what is unread. */
  recount(room: TrackedRoom): void {
    const connection = this.#connection;
    if (connection === 0 || this.#recounting.has(room)) return;
    this.#recounting.add(room);
    this.#after(RECOUNT_AFTER * (1 + this.#host.random()), async () => {
      this.#recounting.delete(room);
      if (connection === this.#connection && room.isSynced) await this.#askToJoin(room, room.seq);
    });
  }

  #waitForHole(room: TrackedRoom, attempt: number): void {
    const { clock, random } = this.#host;
    const patience = HOLE_PATIENCE * (1 + random()) + (attempt > 1 ? fullJitter(attempt, random) : 0);
    const stop = clock.after(patience, () => void this.#askForHole(room, attempt));
    this.#holes.set(room, { attempt, stop });
  }

  async #askForHole(room: TrackedRoom, attempt: number): Promise<void> {
    const connection = this.#connection;
    if (room.isBehind && room.isSynced) await this.#askToJoin(room, room.seq);
    if (connection !== this.#connection) return;
    this.#holes.delete(room);
    // What is still missing now was missing in the answer too: no hurry, the server may be catching up itself.
    if (room.isBehind && room.isSynced) this.#waitForHole(room, attempt + 1);
  }

  #join(room: TrackedRoom): void {
    void this.#askToJoin(room, room.needsPage ? undefined : room.seq);
  }

  async #askToJoin(room: TrackedRoom, since: number | undefined): Promise<void> {
    const connection = this.#connection;
    if (connection === 0 || this.#joining.has(room)) return;
    this.#joining.add(room);
    if (room.isSynced) room.asking();
    const { life } = room;
    try {
      const carries = since === undefined ? { room: room.id } : { room: room.id, since };
      const answer = await this.#ask(connection, "room.join", carries);
      if (answer === undefined || connection !== this.#connection) return;
      if (room.life === life) {
        room.joined(answer, since);
        this.#host.seated(room.id);
      } else {
        // Taken away meanwhile, and what was known forgotten: nobody can tell which of the two words is the later one.
        this.#again.add(room);
      }
    } catch (error) {
      if (connection === this.#connection) this.#refused(room, error);
    } finally {
      if (connection === this.#connection) {
        this.#joining.delete(room);
        if (this.#again.delete(room) && !room.isSynced) this.#hear(room);
        // Opened while it was being followed, or closed and opened again: the page is still to come.
        else if (room.needsPage && room.isSynced) this.#join(room);
      }
    }
  }

  #hear(room: TrackedRoom): void {
    if (room.isOpen || this.#host.hasUnsent(room.id)) this.#join(room);
    else this.#followSoon(room.id);
  }

  #refused(room: TrackedRoom, error: unknown): void {
    if (!(error instanceof CommandError)) throw error;
    const { code, message } = error;
    room.refused({ code, message });
    this.#host.notSeated(room.id, { code, message });
  }

  #gone(id: string): void {
    this.#host.known(id)?.refused(null);
    this.#host.roomGone(id);
  }

  #leave(room: TrackedRoom): void {
    this.#leaving.delete(room);
    if (room.isOpen || !room.isSynced || this.#host.hasUnsent(room.id)) return;
    room.disconnected();
    this.#host.request("room.leave", { room: room.id }).catch(() => {
      // Not left: it is heard a little longer, and what comes is ignored.
    });
  }

  /** After connecting: who am I, which rooms are there, and what did I miss in those that I know. */
  async #level(connection: number): Promise<void> {
    const { directory } = this.#host;
    directory.asking();
    const resumed = this.#host.me() === null ? undefined : this.#resume(connection, this.#tracked());
    const list = await this.#ask(connection, "room.list", {});
    if (list === undefined || connection !== this.#connection) return;
    this.#host.signedIn(list.me);
    this.#newEpoch(list.epoch);
    this.#listed(list.rooms);
    await resumed;
    if (connection !== this.#connection) return;
    this.#levelled = true;
    this.#hearAll();
    this.#audit(connection);
  }

  #hearAll(): void {
    for (const room of this.#host.rooms()) {
      const unsent = !room.isSynced && this.#host.hasUnsent(room.id);
      if (unsent || (room.isOpen && (!room.isSynced || room.needsPage))) this.#join(room);
    }
    for (const entry of this.#host.directory.get().rooms) this.#followSoon(entry.id);
  }

  #listed(rooms: readonly RoomListEntry[]): void {
    const { directory } = this.#host;
    directory.replace(rooms);
    for (const room of this.#host.rooms()) {
      const entry = directory.at(room.id);
      if (entry !== undefined) {
        if (room.seq !== undefined) room.described(entry, entry.unread);
      } else if (!room.isOpen && room.seq !== undefined) this.#gone(room.id);
    }
    this.#host.listKept();
  }

  /** Rooms whose log is known in part. Those that are open come first. */
  #tracked(): TrackedRoom[] {
    const wanted = [...this.#host.rooms()].filter(
      (room) => room.seq !== undefined && (room.isOpen || this.#host.follow === "listed"),
    );
    return wanted.sort((a, b) => Number(b.isOpen) - Number(a.isOpen)).slice(0, LIMITS.roomsPerConnection);
  }

  async #resume(connection: number, rooms: readonly TrackedRoom[]): Promise<void> {
    if (rooms.length === 0) return;
    const since = new Map(rooms.flatMap((room) => (room.seq === undefined ? [] : [[room.id, room.seq] as const])));
    const epoch = this.#epoch;
    const lives = new Map(rooms.map((room) => [room, room.life]));
    const carries = { rooms: Object.fromEntries(since), epoch: epoch ?? "" };
    const answer = await this.#ask(connection, "resume", carries).catch((error: unknown) => {
      // A server that hears fewer rooms than this: those that are open are joined one by one.
      if (error instanceof CommandError) return undefined;
      throw error;
    });
    if (answer === undefined || connection !== this.#connection) return;
    this.#newEpoch(answer.epoch);
    for (const room of rooms) {
      const resumed = answer.rooms[room.id];
      if (resumed === undefined || room.isSynced) continue;
      const forgotten = room.life !== lives.get(room);
      if ("gone" in resumed) {
        this.#gone(room.id);
      } else if (!forgotten || (resumed.reset && answer.epoch !== epoch)) {
        room.joined(resumed, forgotten ? undefined : since.get(room.id));
        this.#host.seated(room.id);
      } else {
        this.#hear(room);
      }
    }
  }

  #followSoon(id: string): void {
    if (this.#host.follow !== "listed" || this.#connection === 0) return;
    const connection = this.#connection;
    if (this.#toFollow.size === 0) {
      queueMicrotask(() => {
        if (connection === this.#connection) void this.#follow(connection);
      });
    }
    this.#toFollow.add(id);
  }

  /** Hears rooms that nobody has opened, for their unread counts: their log is followed from where it stands. */
  async #follow(connection: number): Promise<void> {
    const ids = [...this.#toFollow];
    this.#toFollow.clear();
    let room = LIMITS.roomsPerConnection - RESERVED - [...this.#host.rooms()].filter((r) => r.isSynced).length;
    const rooms: TrackedRoom[] = [];
    for (const id of ids) {
      const entry = this.#host.directory.at(id);
      const tracked = this.#host.room(id);
      if (entry === undefined || tracked.isSynced || tracked.isOpen || this.#joining.has(tracked) || room <= 0)
        continue;
      tracked.follow(entry);
      rooms.push(tracked);
      room -= 1;
    }
    await this.#resume(connection, rooms);
    for (const tracked of rooms) {
      if (connection === this.#connection && tracked.needsPage && tracked.isSynced) this.#join(tracked);
    }
  }

  #newEpoch(epoch: string): void {
    if (this.#epoch !== undefined && this.#epoch !== epoch) {
      for (const room of this.#host.rooms()) room.forget();
      this.#host.directory.forgetEntries();
    }
    this.#epoch = epoch;
  }

  #audit(connection: number): void {
    const { random, directory } = this.#host;
    this.#after(AUDIT_EVERY * (0.75 + random() / 2), async () => {
      directory.asking();
      const list = await this.#ask(connection, "room.list", {});
      if (list === undefined || connection !== this.#connection) return;
      this.#listed(list.rooms);
      this.#hearAll();
      this.#audit(connection);
    });
  }

  /**
   * Asks until there is an answer. A refusal for good is thrown, except of the list, without which nothing goes; what passes (too
   * much at once, a server that cannot just now) is waited out. undefined: the connection went.
   */
  async #ask<N extends CommandName>(
    connection: number,
    name: N,
    carries: Commands[N]["carries"],
  ): Promise<OkOf<N> | undefined> {
    for (let attempt = 1; connection === this.#connection; attempt += 1) {
      try {
        return await this.#host.request(name, carries);
      } catch (error) {
        if (error instanceof ConnectionLost) return undefined;
        if (error instanceof ReplyTimeout) this.#host.distrust();
        else if (error instanceof CommandError && name !== "room.list" && !passes(error)) throw error;
        else if (!(error instanceof CommandError || error instanceof ClientBusy)) throw error;
        const after = error instanceof CommandError ? (error.retryAfter ?? 0) * 1000 : 0;
        await this.#pause(after + fullJitter(attempt, this.#host.random));
      }
    }
    return undefined;
  }

  /** Resolves later, or never when the connection goes first. */
  #pause(delay: number): Promise<void> {
    return new Promise((resolve) => {
      this.#after(delay, async () => resolve());
    });
  }

  #after(delay: number, callback: () => Promise<void>): void {
    const stop = this.#host.clock.after(delay, () => {
      this.#stopTimers.delete(stop);
      void callback();
    });
    this.#stopTimers.add(stop);
  }
}

/** Refusals that say something about the moment, not about the command. */
export function passes(error: CommandError): boolean {
  return error.code === "RATE_LIMITED" || error.code === "UNAVAILABLE" || error.code === "INTERNAL";
}
