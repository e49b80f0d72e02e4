import type { LogEvent } from "@multichat/protocol";
import type { RoomRef } from "./broadcasts.ts";

/** With more events missing, only the last is delivered: it shows the gap to every client, which then fetches the rest. */
const MAX_CAUGHT_UP_EVENTS = 500;
/** Events of a room that are sent to its connections at once, and the characters of their messages. */
const MAX_SENT_EVENTS = 64;
const MAX_SENT_CHARS = 32_768;
/** The delay before a failed read of the log is repeated. */
const RETRY_MS = 1_000;

export interface LogDeliveryOptions {
  /** Sends events, at least one, in their order to the connections of this process that have joined their room. */
  readonly send: (room: RoomRef, events: readonly LogEvent[]) => Promise<void>;
  /** Returns the last seq of a room's log, as far as this process knows. */
  readonly headOf: (room: string) => Promise<number>;
  /** Reads a room's events after a seq; undefined where there are more than `limit`. */
  readonly readSince: (room: string, since: number, limit: number) => Promise<readonly LogEvent[] | undefined>;
  /**
   * Resolves when the connections of this process have lost the access that other processes took away before the latest read.
   * @default resolves at once
   */
  readonly accessApplied?: () => Promise<void>;
  /** Called for a hint of an event that the log does not have. */
  readonly onFalseHint?: (room: string) => void;
  readonly onError: (error: unknown) => void;
}

/** A room that connections of this process have joined. */
interface WatchedRoom {
  readonly ref: RoomRef;
  watchers: number;
  /** Every event up to this one has been delivered here, or was committed before a connection of this process joined. */
  deliveredSeq: number;
  /** The newest seq that this process has committed, or that the database has reported. */
  committedSeq: number;
  /** The newest seq that another process claims to have committed since the latest read. */
  hintedSeq: number;
  isCatchingUp: boolean;
  /** The current read of the log, with the delivery of what it returns. */
  round: Promise<void>;
  retry: NodeJS.Timeout | undefined;
}

/**
 * Delivers the events of each room's log to the connections of this process: every event once, in the order of the log. An
 * event of this process that comes next is delivered in the same turn of the event loop, together with the others of its commit:
 * the connections of a busy room are iterated once for many events. For everything else, an event of another process or of this
 * one after a gap, the log is read, once for all connections. What another process sends is only a hint that there may be
 * something to read: the change feed replaces a lost hint, and a false one delivers nothing.
 */
export class LogDelivery {
  readonly #options: LogDeliveryOptions;
  readonly #rooms = new Map<string, WatchedRoom>();
  readonly #catchingUp = new Set<WatchedRoom>();
  /** Events of this process that are next in their rooms and wait for the others of their commit. */
  #outbox = new Map<WatchedRoom, LogEvent[]>();
  #outboxSent: Promise<void> | undefined;

  constructor(options: LogDeliveryOptions) {
    this.#options = options;
  }

  /**
   * Adds a connection of this process that is about to join a room. Call it before it joins the group.
   * @returns the reference to the room that all its connections share.
   */
  async watch({ id, number }: RoomRef): Promise<RoomRef> {
    // The connection reads what was committed before it joined by itself.
    const head = this.#rooms.has(id) ? 0 : await this.#options.headOf(id);
    const room = this.#rooms.get(id);
    if (room !== undefined) {
      room.watchers += 1;
      return room.ref;
    }
    const ref: RoomRef = Object.freeze({ id, number });
    this.#rooms.set(id, {
      ref,
      watchers: 1,
      deliveredSeq: head,
      committedSeq: head,
      hintedSeq: 0,
      isCatchingUp: false,
      round: Promise.resolve(),
      retry: undefined,
    });
    return ref;
  }

  unwatch(id: string): void {
    const room = this.#rooms.get(id);
    if (room === undefined) return;
    room.watchers -= 1;
    if (room.watchers > 0) return;
    clearTimeout(room.retry);
    this.#rooms.delete(id);
  }

  /** Delivers an event that this process has committed. Resolves when it is delivered or waits for earlier ones. */
  async deliver({ id }: RoomRef, event: LogEvent): Promise<void> {
    const room = this.#rooms.get(id);
    if (room === undefined || event.seq <= room.deliveredSeq) return;
    room.committedSeq = Math.max(room.committedSeq, event.seq);
    if (room.isCatchingUp || event.seq > room.deliveredSeq + 1) {
      this.#startCatchUp(room);
      return;
    }
    room.deliveredSeq = event.seq;
    const waiting = this.#outbox.get(room);
    if (waiting === undefined) this.#outbox.set(room, [event]);
    else waiting.push(event);
    // The answers of one commit are handled in one turn, one after another at each step, so they all wait by then.
    this.#outboxSent ??= Promise.resolve().then(() => this.#sendOutbox());
    await this.#outboxSent;
  }

  async #sendOutbox(): Promise<void> {
    const outbox = this.#outbox;
    this.#outbox = new Map();
    this.#outboxSent = undefined;
    const sent: Promise<void>[] = [];
    for (const [room, events] of outbox) sent.push(this.#send(room, events));
    await Promise.all(sent);
  }

  /** Sends events in their order, however many. Begins before it returns. */
  async #send(room: WatchedRoom, events: readonly LogEvent[]): Promise<void> {
    await Promise.all(portionsOf(events).map((portion) => this.#options.send(room.ref, portion)));
  }

  /** Records that the database has events of a room up to `seq`. */
  logCommitted(id: string, seq: number): void {
    const room = this.#rooms.get(id);
    if (room === undefined || seq <= room.deliveredSeq) return;
    room.committedSeq = Math.max(room.committedSeq, seq);
    this.#startCatchUp(room);
  }

  /** Records that another process claims to have committed an event. */
  logHinted(id: string, seq: number): void {
    const room = this.#rooms.get(id);
    if (room === undefined || seq <= room.deliveredSeq) return;
    room.hintedSeq = Math.max(room.hintedSeq, seq);
    this.#startCatchUp(room);
  }

  /** Resolves when everything that this process has committed so far is delivered, or cannot be read. */
  async flush(): Promise<void> {
    await this.#outboxSent;
    const waiting = [...this.#catchingUp].map(async (room) => {
      const { committedSeq } = room;
      while (room.isCatchingUp && room.deliveredSeq < committedSeq) await room.round;
    });
    await Promise.all(waiting);
  }

  close(): void {
    for (const { retry } of this.#rooms.values()) clearTimeout(retry);
    this.#rooms.clear();
  }

  #startCatchUp(room: WatchedRoom): void {
    if (room.isCatchingUp) return;
    room.isCatchingUp = true;
    this.#catchingUp.add(room);
    void this.#catchUp(room);
  }

  async #catchUp(room: WatchedRoom): Promise<void> {
    while (this.#isWatched(room) && room.deliveredSeq < Math.max(room.committedSeq, room.hintedSeq)) {
      const { hintedSeq } = room;
      room.hintedSeq = 0;
      room.round = this.#deliverMissed(room);
      try {
        await room.round;
      } catch (error) {
        room.hintedSeq = Math.max(room.hintedSeq, hintedSeq);
        this.#options.onError(error);
        this.#retryLater(room);
        break;
      }
      // Events are published after their commit, so the read that followed the hint had to find it.
      if (room.deliveredSeq < hintedSeq) this.#options.onFalseHint?.(room.ref.id);
    }
    room.isCatchingUp = false;
    this.#catchingUp.delete(room);
  }

  async #deliverMissed(room: WatchedRoom): Promise<void> {
    const { committedSeq } = room;
    const missed = await this.#readMissed(room);
    await this.#options.accessApplied?.();
    if (!this.#isWatched(room)) return;
    const due = missed.filter(({ seq }) => seq > room.deliveredSeq);
    room.deliveredSeq = due.at(-1)?.seq ?? room.deliveredSeq;
    await this.#send(room, due);
    // A deleted room has no log, and a trimmed one not all of it: there is nothing more to wait for.
    room.deliveredSeq = Math.max(room.deliveredSeq, committedSeq);
  }

  async #readMissed({ ref: { id }, deliveredSeq, committedSeq }: WatchedRoom): Promise<readonly LogEvent[]> {
    const { readSince } = this.#options;
    const missed = await readSince(id, deliveredSeq, MAX_CAUGHT_UP_EVENTS);
    // With too many events missing, the change feed reports the newest one soon where only a hint has done so far.
    if (missed !== undefined || committedSeq <= deliveredSeq) return missed ?? [];
    return (await readSince(id, committedSeq - 1, MAX_CAUGHT_UP_EVENTS)) ?? [];
  }

  #retryLater(room: WatchedRoom): void {
    clearTimeout(room.retry);
    if (!this.#isWatched(room)) return;
    room.retry = setTimeout(() => this.#startCatchUp(room), RETRY_MS);
    room.retry.unref();
  }

  #isWatched(room: WatchedRoom): boolean {
    return this.#rooms.get(room.ref.id) === room;
  }
}

/** Splits events into portions that are not too long to be sent at once. */
function portionsOf(events: readonly LogEvent[]): readonly (readonly LogEvent[])[] {
  const portions: LogEvent[][] = [];
  let portion: LogEvent[] = [];
  let chars = 0;
  for (const event of events) {
    const added = "message" in event && typeof event.message === "object" ? event.message.body.length : 0;
    if (portion.length > 0 && (portion.length === MAX_SENT_EVENTS || chars + added > MAX_SENT_CHARS)) {
      portions.push(portion);
      portion = [];
      chars = 0;
    }
    portion.push(event);
    chars += added;
  }
  if (portion.length > 0) portions.push(portion);
  return portions;
}
