import { fullJitter } from "../core/backoff.ts";
import { CommandError } from "../model/errors.ts";
import type { Room } from "../room/room.ts";
import type { ConnectionScope } from "../transport/connection-scope.ts";
import type { Resume } from "./resume.ts";
import type { SyncOptions } from "./sync-options.ts";

/** Of the rooms that one connection can join, so many are reserved for rooms that are opened. */
const RESERVED_FOR_OPEN_ROOMS = 50;
/** How long missing events have to arrive by themselves (events of two servers can overtake each other), and as much at random. */
const GAP_DELAY_MS = 60;
/** The delay before counts that may be wrong are requested, and as much at random. */
const COUNTS_DELAY_MS = 500;

/** The rooms that one connection receives events of: joins them, and fetches what is missing. */
export class RoomSubscriptions {
  readonly #options: SyncOptions;
  readonly #scope: ConnectionScope;
  readonly #resume: Resume;
  readonly #joining = new Set<Room>();
  /** Rooms that came back while a join was pending: a refusal of it may be outdated. */
  readonly #subscribeAfterJoin = new Set<Room>();
  readonly #checkingCounts = new Set<Room>();
  readonly #fetchingGaps = new Set<Room>();
  /** Ids of listed rooms that are subscribed to at the end of this turn. */
  readonly #toSubscribe = new Set<string>();

  constructor(options: SyncOptions, scope: ConnectionScope, resume: Resume) {
    this.#options = options;
    this.#scope = scope;
    this.#resume = resume;
  }

  isJoining(room: Room): boolean {
    return this.#joining.has(room);
  }

  /** Joins the room, with its first page where that is needed. */
  join(room: Room): void {
    void this.#join(room, room.needsPage ? undefined : room.seq);
  }

  /** Joins the room again to learn the log's end and the counts. */
  refresh(room: Room): void {
    if (room.isJoined) void this.#join(room, room.seq);
  }

  /** The server says that the connection is not in a room that it had joined. */
  rejoin(room: Room): void {
    if (this.#joining.has(room)) return;
    room.markDisconnected();
    this.join(room);
  }

  /** The user has access to the room: joins it if it is open or has unsent messages, and otherwise subscribes if it is listed. */
  subscribe(room: Room): void {
    if (this.#joining.has(room)) this.#subscribeAfterJoin.add(room);
    if (room.isJoined && !room.needsPage) return;
    if (room.isOpen || this.#options.outbox.hasPending(room.id)) this.join(room);
    else this.#subscribeSoon(room.id);
  }

  subscribeAll(): void {
    const { rooms, outbox, directory } = this.#options;
    for (const room of rooms) if (room.isOpen || outbox.hasPending(room.id)) this.subscribe(room);
    for (const { id } of directory.get().rooms) this.#subscribeSoon(id);
  }

  /** Fetches missing events, unless they arrive shortly. */
  fetchMissingEvents(room: Room): void {
    if (!this.#fetchingGaps.has(room)) this.#fetchLater(room, 1);
  }

  /** Requests the unread counts: only the answer to a join says as of which seq they are. */
  fetchCounts(room: Room): void {
    if (this.#checkingCounts.has(room)) return;
    this.#checkingCounts.add(room);
    this.#scope.after(COUNTS_DELAY_MS * (1 + this.#options.random()), () => {
      this.#checkingCounts.delete(room);
      this.refresh(room);
    });
  }

  #fetchLater(room: Room, attempt: number): void {
    const { random } = this.#options;
    this.#fetchingGaps.add(room);
    const delayMs = GAP_DELAY_MS * (1 + random()) + (attempt > 1 ? fullJitter(attempt, random) : 0);
    this.#scope.after(delayMs, () => void this.#fetchGap(room, attempt));
  }

  async #fetchGap(room: Room, attempt: number): Promise<void> {
    const hasGap = () => room.isBehind && room.isJoined;
    if (hasGap()) await this.#join(room, room.seq);
    this.#fetchingGaps.delete(room);
    // What is still missing was missing in the answer too: the server may be catching up itself.
    if (hasGap() && !this.#scope.hasEnded) this.#fetchLater(room, attempt + 1);
  }

  async #join(room: Room, since: number | undefined): Promise<void> {
    if (this.#scope.hasEnded || this.#joining.has(room)) return;
    this.#joining.add(room);
    room.joinRequested();
    const { logGeneration } = room;
    try {
      const params = { room: room.id, ...(since === undefined ? {} : { since }) };
      const answer = await this.#scope.request("room.join", params);
      if (answer === undefined) return;
      if (room.logGeneration === logGeneration) room.applyJoin(answer, since);
      // The room was lost since the request. Which of the two is later is not known, so ask again.
      else this.#subscribeAfterJoin.add(room);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const { code, message } = error;
      room.markGone({ code, message });
      this.#options.outbox.joinRejected(room.id, { code, message });
    } finally {
      this.#joining.delete(room);
      const mustSubscribe = this.#subscribeAfterJoin.delete(room) && !room.isJoined;
      // Opened while it was joined without a page, or closed and opened again: the page is still missing.
      if (mustSubscribe || (room.needsPage && room.isJoined)) this.subscribe(room);
    }
  }

  #subscribeSoon(id: string): void {
    if (this.#options.subscribeTo !== "listed") return;
    if (this.#toSubscribe.size === 0) {
      queueMicrotask(() => {
        const ids = [...this.#toSubscribe];
        this.#toSubscribe.clear();
        if (!this.#scope.hasEnded) void this.#subscribeToListed(ids);
      });
    }
    this.#toSubscribe.add(id);
  }

  /** Subscribes to rooms that are not open, for their unread counts: their logs are followed from the listed seq. */
  async #subscribeToListed(ids: readonly string[]): Promise<void> {
    const { directory, rooms, joinedRooms, serverLimits } = this.#options;
    const capacity = serverLimits.current.roomsPerConnection - RESERVED_FOR_OPEN_ROOMS - joinedRooms.size;
    const added: Room[] = [];
    for (const id of ids) {
      if (added.length >= capacity) break;
      const entry = directory.findById(id);
      const room = rooms.get(id);
      if (entry === undefined || room.isJoined || room.isOpen || this.#joining.has(room)) continue;
      room.followFrom(entry);
      added.push(room);
    }
    const notResumed = await this.#resume.resumeRooms(added);
    for (const room of notResumed) this.subscribe(room);
    for (const room of added) if (room.needsPage && room.isJoined) this.join(room);
  }
}
