import type { LogEvent } from "@multichat/protocol";
import type { JoinedRooms, LogPosition } from "../../model/joined-rooms.ts";
import { EventRecorder, type Recording } from "./event-recorder.ts";
import { LogCursor } from "./log-cursor.ts";

/** The most events that wait for the answer to a join. Further events are fetched later. */
const MAX_EARLY_EVENTS = 1_000;

/** How one room's log is followed: from which seq, whether the connection has joined the room, and which events wait. */
export class RoomLog implements LogPosition {
  readonly #roomId: string;
  readonly #joinedRooms: JoinedRooms;
  readonly #recorder = new EventRecorder();
  /** undefined: no seq of the log is known. */
  #cursor: LogCursor | undefined;
  /** Records the events applied since the pending join was sent; undefined when no join is pending. */
  #pendingJoin: Recording | undefined;
  /** Events that arrived on this connection before the answer to the join. */
  #earlyEvents: LogEvent[] = [];
  #generation = 0;

  constructor(roomId: string, joinedRooms: JoinedRooms) {
    this.#roomId = roomId;
    this.#joinedRooms = joinedRooms;
  }

  /** The last seq that was applied; undefined when the log is not known. */
  get seq(): number | undefined {
    return this.#cursor?.seq;
  }

  /** Whether the connection has joined the room, so that events are applied as they arrive. */
  get isJoined(): boolean {
    return this.#joinedRooms.has(this.#roomId);
  }

  /** Whether events are missing. */
  get isBehind(): boolean {
    return this.#cursor?.isBehind ?? false;
  }

  get isJoinPending(): boolean {
    return this.#pendingJoin !== undefined;
  }

  /** Increases when the log is forgotten: an answer to an older request does not apply any more. */
  get generation(): number {
    return this.#generation;
  }

  /** Records the events that are applied from now on. */
  record(): Recording {
    return this.#recorder.start();
  }

  /** Starts to follow the log after this seq. */
  beginAt(seq: number): void {
    this.#cursor = new LogCursor(seq);
    this.#recorder.invalidate();
  }

  /** Continues after a later seq, without the events up to it. */
  skipTo(seq: number): void {
    this.#cursor?.skipTo(seq);
    this.#recorder.invalidate();
  }

  /** The log contains an event with this seq. */
  noteSeq(seq: number): void {
    this.#cursor?.noteSeq(seq);
  }

  /** Holds an event until `take` returns it. */
  offer(event: LogEvent): void {
    if (this.isJoined) this.#cursor?.offer(event);
    else if (this.#earlyEvents.length < MAX_EARLY_EVENTS) this.#earlyEvents.push(event);
  }

  /** Returns the next event; undefined when it has not arrived. */
  take(): LogEvent | undefined {
    const event = this.#cursor?.take();
    if (event !== undefined) this.#recorder.add(event);
    return event;
  }

  /** A join was sent. Returns false when one is already pending. */
  beginJoin(): boolean {
    if (this.#pendingJoin !== undefined) return false;
    this.#pendingJoin = this.record();
    return true;
  }

  /** The join was answered. Returns the events applied since it was sent; undefined when they are not known. */
  endJoin(): readonly LogEvent[] | undefined {
    const recording = this.#pendingJoin;
    this.#pendingJoin = undefined;
    recording?.stop();
    return recording?.events;
  }

  /** The room is joined: takes the events of the answer, then those that arrived early, then all that follow. */
  markJoined(events: readonly LogEvent[], lastSeq: number): void {
    for (const event of [...events, ...this.#earlyEvents]) this.#cursor?.offer(event);
    this.#earlyEvents = [];
    this.#cursor?.noteSeq(lastSeq);
    if (this.#cursor !== undefined) this.#joinedRooms.add(this.#roomId, this);
    else this.#joinedRooms.delete(this.#roomId);
  }

  markDisconnected(): void {
    this.endJoin();
    this.#joinedRooms.delete(this.#roomId);
    this.#earlyEvents = [];
    this.#cursor?.dropHeld();
  }

  /** Forgets the log. Early events stay: they arrived on this connection, and can be of the log that begins now. */
  forget(): void {
    this.endJoin();
    this.#joinedRooms.delete(this.#roomId);
    this.#generation += 1;
    this.#cursor = undefined;
    this.#recorder.invalidate();
  }
}
