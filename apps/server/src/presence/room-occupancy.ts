import type { Author } from "@multichat/protocol";
import type { Context } from "../context.ts";
import type { OccupancyDifference, OccupancyReport, RoomRef } from "../fan-out/broadcasts.ts";
import { type Notice, NoticeLimiter } from "./notice-limiter.ts";

/** Of one user in one room: six entries and exits at once, then one a second. */
const RATE = { burst: 12, perSecond: 2 } as const;
/** Between two differences of a room: four a second. */
const DIFFERENCE_INTERVAL_MS = 250;
/** For a large room, for each of its connections: the number of users reaches all of them, and is as exact as it is recent. */
const INTERVAL_PER_CONNECTION_MS = 5;
/** Names in one difference. Further users are in its count only. */
const MAX_NAMES = 50;
/** How often a process repeats the number of its users, and when that of a process which stopped doing so is forgotten. */
const RENEWAL_INTERVAL_MS = 30_000;
const EXPIRY_MS = 75_000;
/** Processes whose numbers are kept for one room. More are not started, or are made up in Redis. */
const MAX_PROCESSES = 64;

/** Users of other processes that are remembered for one room. In a small room there are no more. */
const MAX_REMOTE_USERS = 1_000;

/** A user whose presence in a room may have changed since the last difference. */
interface ChangedUser {
  readonly user: Author;
  /** Whether the user has entered visibly: who only resumes is counted, and not named. */
  readonly isNamed: boolean;
}

/** A room that connections of this process have joined. */
interface OccupiedRoom {
  readonly ref: RoomRef;
  /** The connections of each user. */
  readonly users: Map<string, number>;
  connections: number;
  /** The users of other processes, by process. */
  readonly others: Map<string, { readonly count: number; readonly reportedAt: number }>;
  /** The users that other processes have named. */
  readonly remoteUsers: Set<string>;
  readonly changed: Map<string, ChangedUser>;
  /** The users that members here know to be in the room. */
  readonly knownUsers: Set<string>;
  /** The users of this process that the other processes know to be in the room. */
  readonly reportedUsers: Set<string>;
  publishedCount: number;
  reportedCount: number;
  publishedAt: number;
  timer: NodeJS.Timeout | undefined;
}

export interface RoomOccupancyOptions {
  readonly broadcasts: Pick<
    Context["broadcasts"],
    "publishOccupancy" | "reportOccupancy" | "publishEntry" | "publishExit"
  >;
  /** Whether anything is published. */
  readonly isPublished: boolean;
  /** The users of a room above which only their number is published. */
  readonly largeRoomUsers: number;
  /** Whether other processes have connections too. @default false */
  readonly isShared?: boolean;
  /** A monotonic clock in milliseconds. @default performance.now */
  readonly now?: () => number;
}

export interface EntryOrExit {
  /** Whether the connection enters or leaves the room for the first time. */
  readonly isFirst: boolean;
}

/**
 * Tracks the users of each room, and publishes who enters and leaves. Connections of the chat's own protocol receive differences:
 * at most four a second and room, fewer in a large room, each with the number of users and, unless the room is large, with the
 * names of those who came and went since the last one. A user with several connections enters with the first and leaves with
 * the last. Those of the classic protocol receive each entry and exit at once, unless the room is large; what one user repeats
 * is bounded.
 */
export class RoomOccupancy {
  readonly #options: RoomOccupancyOptions;
  readonly #now: () => number;
  readonly #limiter = new NoticeLimiter(RATE);
  readonly #rooms = new Map<string, OccupiedRoom>();
  readonly #renewal: NodeJS.Timeout | undefined;

  constructor(options: RoomOccupancyOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    if (options.isPublished && options.isShared === true) {
      this.#renewal = setInterval(() => this.#renew(), RENEWAL_INTERVAL_MS);
      this.#renewal.unref();
    }
  }

  /** The users of a room in all processes; null where nothing is published. */
  count(room: string): number | null {
    return this.#options.isPublished ? countUsers(this.#rooms.get(room)) : null;
  }

  /** Adds a connection that has joined a room, without naming its user. */
  add(ref: RoomRef, { id }: Author): void {
    if (!this.#options.isPublished) return;
    const room = this.#getOrCreate(ref);
    room.users.set(id, (room.users.get(id) ?? 0) + 1);
    room.connections += 1;
    this.#schedule(room);
  }

  /** Removes a connection that has left a room. Its user is named if it was the last one, and the members know of the user. */
  remove({ id }: RoomRef, user: Author): void {
    const room = this.#rooms.get(id);
    const connections = room?.users.get(user.id);
    if (room === undefined || connections === undefined) return;
    room.connections -= 1;
    if (connections > 1) room.users.set(user.id, connections - 1);
    else room.users.delete(user.id);
    if (room.users.size > 0) {
      this.#markChanged(room, user, { isNamed: false });
      return;
    }
    // Nobody is left here to receive a difference.
    clearTimeout(room.timer);
    this.#rooms.delete(id);
    this.#report(room, { entered: [], exited: [...room.reportedUsers].slice(0, MAX_NAMES) });
  }

  /** Publishes that a connection, which was added before, has entered. @param channel It does not receive the notice. */
  async publishEntry(
    user: Author,
    ref: RoomRef,
    { isFirst, channel }: EntryOrExit & { readonly channel: string },
  ): Promise<void> {
    const room = this.#rooms.get(ref.id);
    if (room !== undefined) this.#markChanged(room, user, { isNamed: true });
    const send = () => this.#options.broadcasts.publishEntry(ref, user, channel);
    await this.#publish(user, ref, { isOn: true, isFirst, send });
  }

  /** Publishes that a connection, which was removed before, has left. `alsoTo`: a channel outside the room that receives it too. */
  async publishExit(
    user: Author,
    ref: RoomRef,
    { isFirst, alsoTo }: EntryOrExit & { readonly alsoTo?: string | undefined },
  ): Promise<void> {
    const send = () => this.#options.broadcasts.publishExit(ref, user, alsoTo);
    await this.#publish(user, ref, { isOn: false, isFirst, send });
  }

  /** Records how many users another process has in a room, and which of them have entered and left there. */
  noteDifference(id: string, process: string, { count, entered, exited }: OccupancyDifference): void {
    const room = this.#rooms.get(id);
    if (room === undefined || (!room.others.has(process) && room.others.size >= MAX_PROCESSES)) return;
    if (count === 0) room.others.delete(process);
    else room.others.set(process, { count, reportedAt: this.#now() });
    for (const user of exited) {
      room.remoteUsers.delete(user.id);
      this.#markChanged(room, user, { isNamed: false });
    }
    for (const user of entered) {
      if (room.remoteUsers.size >= MAX_REMOTE_USERS) break;
      room.remoteUsers.add(user.id);
      this.#markChanged(room, user, { isNamed: true });
    }
    this.#schedule(room);
  }

  /** Reports the users of this process in every room, to a process that knows none of them. */
  report(): void {
    if (!this.#options.isPublished) return;
    for (const room of this.#rooms.values()) this.#reportCount(room);
  }

  close(): void {
    clearInterval(this.#renewal);
    for (const { timer } of this.#rooms.values()) clearTimeout(timer);
    this.#rooms.clear();
  }

  /** Publishes an entry or exit for the classic protocol. */
  async #publish(user: Author, ref: RoomRef, { isFirst, ...notice }: Notice & EntryOrExit): Promise<void> {
    if (!this.#options.isPublished) return;
    const key = `${ref.id} ${user.id}`;
    const send = async () => {
      if (!this.#isLarge(this.#rooms.get(ref.id))) await notice.send();
    };
    const { isOn } = notice;
    await (isFirst ? this.#limiter.publishNow(key, { isOn, send }) : this.#limiter.publish(key, { isOn, send }));
  }

  #getOrCreate({ id, number }: RoomRef): OccupiedRoom {
    let room = this.#rooms.get(id);
    if (room === undefined) {
      room = {
        ref: { id, number },
        users: new Map(),
        connections: 0,
        others: new Map(),
        remoteUsers: new Set(),
        changed: new Map(),
        knownUsers: new Set(),
        reportedUsers: new Set(),
        publishedCount: 0,
        reportedCount: 0,
        publishedAt: Number.NEGATIVE_INFINITY,
        timer: undefined,
      };
      this.#rooms.set(id, room);
    }
    return room;
  }

  #isLarge(room: OccupiedRoom | undefined): boolean {
    return countUsers(room) > this.#options.largeRoomUsers;
  }

  #markChanged(room: OccupiedRoom, { id, username }: Author, { isNamed }: { readonly isNamed: boolean }): void {
    const changed = room.changed.get(id);
    // Who has to be named is bounded by who is known, and by how many are named in one difference.
    if (changed !== undefined || isNamed || room.knownUsers.has(id) || room.reportedUsers.has(id)) {
      room.changed.set(id, { user: { id, username }, isNamed: isNamed || changed?.isNamed === true });
    }
    this.#schedule(room);
  }

  #schedule(room: OccupiedRoom): void {
    if (room.timer !== undefined) return;
    const sincePublishedMs = this.#now() - room.publishedAt;
    // A large room waits for further changes also where the last one was long ago.
    const waitMs = this.#isLarge(room)
      ? Math.max(DIFFERENCE_INTERVAL_MS, INTERVAL_PER_CONNECTION_MS * room.connections)
      : Math.max(0, DIFFERENCE_INTERVAL_MS - sincePublishedMs);
    room.timer = setTimeout(() => this.#publishDifference(room), waitMs);
    room.timer.unref();
  }

  #publishDifference(room: OccupiedRoom): void {
    room.timer = undefined;
    const count = countUsers(room);
    const isLocal = (id: string) => room.users.has(id);
    const areNamed = !this.#isLarge(room);
    const local = takeDifference(room, { known: room.reportedUsers, isIn: isLocal, areNamed });
    const { entered, exited } = takeDifference(room, {
      known: room.knownUsers,
      isIn: (id) => isLocal(id) || room.remoteUsers.has(id),
      areNamed,
    });
    room.changed.clear();
    this.#report(room, { entered: local.entered.map(toId), exited: local.exited.map(toId) });
    if (count === room.publishedCount && entered.length + exited.length === 0) return;
    room.publishedCount = count;
    room.publishedAt = this.#now();
    void this.#options.broadcasts.publishOccupancy(room.ref.id, { count, entered, exited });
  }

  /** Reports the users of this process in a room to the others. */
  #report(room: OccupiedRoom, difference: Omit<OccupancyReport, "count">): void {
    const { broadcasts, isShared } = this.#options;
    const count = room.users.size;
    const isNew = count !== room.reportedCount || difference.entered.length + difference.exited.length > 0;
    if (isShared !== true || !isNew) return;
    room.reportedCount = count;
    void broadcasts.reportOccupancy(room.ref.id, { count, ...difference });
  }

  #renew(): void {
    const now = this.#now();
    for (const room of this.#rooms.values()) {
      for (const [process, { reportedAt }] of room.others) {
        if (now - reportedAt > EXPIRY_MS) room.others.delete(process);
      }
      this.#schedule(room);
      this.#reportCount(room);
    }
  }

  #reportCount({ ref, users }: OccupiedRoom): void {
    void this.#options.broadcasts.reportOccupancy(ref.id, { count: users.size, entered: [], exited: [] });
  }
}

function countUsers(room: OccupiedRoom | undefined): number {
  if (room === undefined) return 0;
  let count = room.users.size;
  for (const other of room.others.values()) count += other.count;
  return count;
}

function toId({ id }: Author): string {
  return id;
}

interface DifferenceSource {
  /** The users who were in the room at the last difference; it is updated. */
  readonly known: Set<string>;
  readonly isIn: (id: string) => boolean;
  /** Whether users are named, as in a room that is not large. */
  readonly areNamed: boolean;
}

/** Returns which of the changed users have entered and left since the last difference. */
function takeDifference(
  { changed }: OccupiedRoom,
  { known, isIn, areNamed }: DifferenceSource,
): Pick<OccupancyDifference, "entered" | "exited"> {
  const entered: Author[] = [];
  const exited: Author[] = [];
  for (const [id, { user, isNamed }] of changed) {
    const hasExited = known.has(id) && !isIn(id);
    const hasEntered = isNamed && !known.has(id) && isIn(id);
    const canName = areNamed && entered.length + exited.length < MAX_NAMES;
    if (hasExited) {
      known.delete(id);
      if (canName) exited.push(user);
    } else if (hasEntered && canName) {
      known.add(id);
      entered.push(user);
    }
  }
  return { entered, exited };
}
