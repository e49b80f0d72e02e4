import { type JoinedRoom, LIMITS, type ResumedRoom, type WireError } from "@multichat/protocol";
import { fullJitter } from "../core/backoff.ts";
import { CommandError } from "../model/errors.ts";
import type { Room } from "../room/room.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import type { ConnectionScope } from "../transport/connection-scope.ts";

/** Of the rooms that one connection may hear, these are left for rooms that are opened without being followed. */
const RESERVED = 50;
/** Milliseconds that a hole is given to close by itself (events of two servers may overtake each other), and as much again by chance. */
const HOLE_PATIENCE = 60;
/** Milliseconds after which a count that may be off is asked for, and as much again by chance. */
const RECOUNT_AFTER = 500;

export interface RoomSubscriptionsHost {
  readonly random: () => number;
  /** Rooms of the list are heard without being opened. */
  readonly followsListed: boolean;
  readonly directory: RoomDirectory;
  /** Every room that was ever asked for. */
  rooms(): Iterable<Room>;
  room(id: string): Room;
  /** The log that the known seqs belong to; undefined when none was heard. */
  epoch(): string | undefined;
  /** An answer is of this log: where it is another one than before, what was known is forgotten first. */
  heardEpoch(epoch: string): void;
  hasUnsent(room: string): boolean;
  /** This connection is in the room now, or will not be. */
  seated(room: string): void;
  notSeated(room: string, error: WireError): void;
  /** The room does not exist for this person any more. */
  gone(id: string): void;
}

/** How one connection comes to hear rooms: by joining, resuming and following, and again where something is missing. */
export class RoomSubscriptions {
  readonly #host: RoomSubscriptionsHost;
  readonly #asking: ConnectionScope;
  readonly #joining = new Set<Room>();
  /** Rooms that came back while they were being joined: a refusal is not the last word. */
  readonly #again = new Set<Room>();
  readonly #recounting = new Set<Room>();
  readonly #holes = new Set<Room>();
  readonly #toFollow = new Set<string>();

  constructor(host: RoomSubscriptionsHost, asking: ConnectionScope) {
    this.#host = host;
    this.#asking = asking;
  }

  /** Joins the room, with its page where that is wanted and missing. */
  join(room: Room): void {
    void this.#join(room, room.needsPage ? undefined : room.seq);
  }

  /** Asks where the log stands, though the room is heard. */
  check(room: Room): void {
    if (room.isSynced) void this.#join(room, room.seq);
  }

  isAsking(room: Room): boolean {
    return this.#joining.has(room);
  }

  /** The server says that this connection is not in the room that it believed to be in. */
  unseated(room: Room): void {
    if (this.#joining.has(room)) return;
    room.disconnected();
    this.join(room);
  }

  /** The room is there for this person: by joining it where that is wanted, by following it otherwise. */
  hear(room: Room): void {
    // What is being asked may be answered from before.
    if (this.#joining.has(room)) this.#again.add(room);
    if (room.isSynced && !room.needsPage) return;
    if (room.isOpen || this.#host.hasUnsent(room.id)) this.join(room);
    else this.#followSoon(room.id);
  }

  hearAll(): void {
    const { rooms, hasUnsent, directory } = this.#host;
    for (const room of rooms()) if (room.isOpen || hasUnsent(room.id)) this.hear(room);
    for (const { id } of directory.get().rooms) this.#followSoon(id);
  }

  /** After a reconnect: what was missed in all rooms whose log is known, in one round trip. */
  async resumeAll(): Promise<void> {
    const known = [...this.#host.rooms()].filter(
      (room) => room.seq !== undefined && (room.isOpen || this.#host.followsListed),
    );
    known.sort((a, b) => Number(b.isOpen) - Number(a.isOpen));
    await this.#resume(known.slice(0, LIMITS.roomsPerConnection));
  }

  /** The room's log goes on beyond what came. */
  behind(room: Room): void {
    if (!this.#holes.has(room)) this.#waitForHole(room, 1);
  }

  /** Only an answer that says how far it counts settles what is unread. */
  recount(room: Room): void {
    if (this.#recounting.has(room)) return;
    this.#recounting.add(room);
    this.#asking.after(RECOUNT_AFTER * (1 + this.#host.random()), () => {
      this.#recounting.delete(room);
      this.check(room);
    });
  }

  #waitForHole(room: Room, attempt: number): void {
    const { random } = this.#host;
    this.#holes.add(room);
    const patience = HOLE_PATIENCE * (1 + random()) + (attempt > 1 ? fullJitter(attempt, random) : 0);
    this.#asking.after(patience, () => void this.#askForHole(room, attempt));
  }

  async #askForHole(room: Room, attempt: number): Promise<void> {
    const open = () => room.isBehind && room.isSynced;
    if (open()) await this.#join(room, room.seq);
    this.#holes.delete(room);
    // What is still missing now was missing in the answer too: no hurry, the server may be catching up itself.
    if (open() && !this.#asking.isOver) this.#waitForHole(room, attempt + 1);
  }

  async #join(room: Room, since: number | undefined): Promise<void> {
    if (this.#asking.isOver || this.#joining.has(room)) return;
    this.#joining.add(room);
    room.asking();
    const { life } = room;
    try {
      const answer = await this.#asking.ask("room.join", { room: room.id, ...(since === undefined ? {} : { since }) });
      if (answer === undefined) return;
      if (room.life === life) {
        room.joined(answer, since);
        this.#host.seated(room.id);
      }
      // Taken away meanwhile, and what was known forgotten: nobody can tell which of the two words is the later one.
      else this.#again.add(room);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const { code, message } = error;
      room.refused({ code, message });
      this.#host.notSeated(room.id, { code, message });
    } finally {
      this.#joining.delete(room);
      // Opened while it was being followed, or closed and opened again: the page is still to come.
      const pageless = room.needsPage && room.isSynced;
      if ((this.#again.delete(room) && !room.isSynced) || pageless) this.hear(room);
    }
  }

  #resumed(room: Room, answer: JoinedRoom, since: number | undefined): void {
    room.resumed(answer, since);
    this.#host.seated(room.id);
  }

  async #resume(rooms: readonly Room[]): Promise<void> {
    if (rooms.length === 0) return;
    const asked = rooms.map((room) => ({ room, since: room.seq ?? 0, life: room.life, losses: room.losses }));
    const since = Object.fromEntries(asked.map(({ room, since: seq }) => [room.id, seq]));
    const epoch = this.#host.epoch();
    const answer = await this.#asking.ask("resume", { rooms: since, epoch: epoch ?? "" }).catch((error: unknown) => {
      // A server that hears fewer rooms than this: those that are open are joined one by one.
      if (error instanceof CommandError) return undefined;
      throw error;
    });
    if (answer === undefined) return;
    this.#host.heardEpoch(answer.epoch);
    for (const { room, since: seq, life, losses } of asked) {
      const resumed = answer.rooms[room.id];
      if (resumed === undefined || room.isSynced) continue;
      const forgotten = room.life !== life;
      if (isGone(resumed)) this.#host.gone(room.id);
      else if (room.losses !== losses) this.hear(room);
      else if (!forgotten) this.#resumed(room, resumed, seq);
      // Forgotten because the log is another one, of which this is the beginning; otherwise nobody knows what it is of.
      else if (resumed.reset && answer.epoch !== epoch) this.#resumed(room, resumed, undefined);
      else this.hear(room);
    }
  }

  #followSoon(id: string): void {
    if (!this.#host.followsListed) return;
    if (this.#toFollow.size === 0) {
      queueMicrotask(() => {
        const ids = [...this.#toFollow];
        this.#toFollow.clear();
        if (!this.#asking.isOver) void this.#follow(ids);
      });
    }
    this.#toFollow.add(id);
  }

  /** Hears rooms that nobody has opened, for their unread counts: their log is followed from where it stands. */
  async #follow(ids: readonly string[]): Promise<void> {
    const heard = [...this.#host.rooms()].filter((room) => room.isSynced).length;
    const rooms: Room[] = [];
    for (const id of ids) {
      const entry = this.#host.directory.at(id);
      const room = this.#host.room(id);
      if (heard + rooms.length >= LIMITS.roomsPerConnection - RESERVED) break;
      if (entry === undefined || room.isSynced || room.isOpen || this.#joining.has(room)) continue;
      room.follow(entry);
      rooms.push(room);
    }
    await this.#resume(rooms);
    for (const room of rooms) if (room.needsPage && room.isSynced) this.join(room);
  }
}

function isGone(resumed: ResumedRoom): resumed is { readonly gone: true } {
  return "gone" in resumed;
}
