import type { LogEvent } from "@multichat/protocol";
import { EventRecorder, type Recording } from "./event-recorder.ts";
import { LogCursor } from "./log-cursor.ts";

/** Events that wait for the answer to a join, at most; the rest is asked for again. */
const MAX_EARLY = 1_000;

/** How one room's log is followed: from where, whether this connection has caught up with it, and what waits for its turn. */
export class RoomLog {
  /** undefined: the log was never heard. */
  #cursor: LogCursor | undefined;
  #isSynced = false;
  /** What has been applied since the question that is on its way, whether or not the log was heard then; undefined when none is. */
  #asked: Recording | undefined;
  /** What came on this connection before the answer that says where it belongs. */
  #early: LogEvent[] = [];
  readonly #recordings = new EventRecorder();
  #life = 0;

  /** The last seq that was applied; undefined when the log was never heard. */
  get seq(): number | undefined {
    return this.#cursor?.seq;
  }

  /** This connection has caught up with the log, and events apply as they come. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  get isBehind(): boolean {
    return this.#cursor?.behind ?? false;
  }

  get isAsking(): boolean {
    return this.#asked !== undefined;
  }

  /** Grows whenever what is known of the log is forgotten: an answer that was asked for before says nothing about what is now. */
  get life(): number {
    return this.#life;
  }

  /** Keeps what is applied from now on, until it is stopped. */
  record(): Recording {
    return this.#recordings.start();
  }

  /** The log begins here, as far as this client is concerned. */
  begin(seq: number): void {
    this.#cursor = new LogCursor(seq);
    this.#recordings.skip();
  }

  /** The log goes on from a later place, without what happened before it. */
  jump(seq: number): void {
    this.#cursor?.jump(seq);
    this.#recordings.skip();
  }

  /** The log is known to reach this far. */
  note(seq: number): void {
    this.#cursor?.note(seq);
  }

  /** An event has come; `take` gives it out when its turn has come. */
  offer(event: LogEvent): void {
    if (this.#isSynced) this.#cursor?.offer(event);
    else if (this.#early.length < MAX_EARLY) this.#early.push(event);
  }

  /** The next event, if it is here. */
  take(): LogEvent | undefined {
    const event = this.#cursor?.take();
    if (event !== undefined) this.#recordings.add(event);
    return event;
  }

  /** A question about where the log stands is on its way. @returns false when one is already. */
  asking(): boolean {
    if (this.#asked !== undefined) return false;
    this.#asked = this.record();
    return true;
  }

  /** The answer has come. @returns what was applied since it was asked for; undefined where that cannot be told. */
  answered(): readonly LogEvent[] | undefined {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.stop();
    return asked?.events;
  }

  /** The answer is applied: `events` of it and what came early have their turn, and from now on whatever comes. */
  level(events: readonly LogEvent[], asOf: number): void {
    for (const event of [...events, ...this.#early]) this.#cursor?.offer(event);
    this.#early = [];
    this.#cursor?.note(asOf);
    this.#isSynced = this.#cursor !== undefined;
  }

  disconnected(): void {
    this.answered();
    this.#isSynced = false;
    this.#early = [];
    this.#cursor?.drop();
  }

  /** Nothing that was heard holds. What came early stays: it came on this connection, and may be of the log that begins now. */
  forget(): void {
    this.answered();
    this.#isSynced = false;
    this.#life += 1;
    this.#cursor = undefined;
    this.#recordings.skip();
  }
}
