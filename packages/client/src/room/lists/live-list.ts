import type { LogEvent } from "@multichat/protocol";
import { fullJitter } from "../../core/backoff.ts";
import type { Clock } from "../../core/clock.ts";
import { ComputedStore, type NotificationBatch } from "../../core/computed-store.ts";
import type { Readable } from "../../core/readable.ts";
import { CommandError, ConnectionLost, isTemporary } from "../../model/errors.ts";
import type { ListStatus } from "../../model/room-snapshot.ts";
import type { Recording } from "../log/event-recorder.ts";

/** Milliseconds before a list is asked for again that could not be followed, and as much again by chance. */
const AGAIN_AFTER = 500;

/** What a list asks of the room that it belongs to. */
export interface ListHost {
  readonly clock: Clock;
  readonly random: () => number;
  readonly turn: NotificationBatch;
  /** The log is followed on this connection. */
  readonly isSynced: boolean;
  record(): Recording;
}

/** What is listed, and how it follows the log. */
export interface ListContent<Answer, Snapshot> {
  ask(): Promise<Answer>;
  replace(answer: Answer): void;
  /** @returns false when the event does not say enough to follow it: the list has to be asked for again. */
  apply(event: LogEvent): boolean;
  clear(): void;
  snapshot(status: ListStatus): Snapshot;
}

/** Something of a room that is asked for when somebody looks at it, and follows the log from then on. */
export class LiveList<Answer, Snapshot> implements Readable<Snapshot> {
  readonly #host: ListHost;
  readonly #content: ListContent<Answer, Snapshot>;
  readonly #view: ComputedStore<Snapshot>;
  #status: ListStatus = "cold";
  /** Counts questions: an answer to an earlier one says nothing any more. */
  #asked = 0;
  #attempt = 0;
  /** Something happened that could not be followed. */
  #isBehind = false;
  #stopTimer: () => void = () => {};

  constructor(host: ListHost, content: ListContent<Answer, Snapshot>) {
    this.#host = host;
    this.#content = content;
    this.#view = new ComputedStore<Snapshot>(
      host.turn,
      () => content.snapshot(this.#status),
      () => {
        if (!this.#isLevel) this.#load();
      },
    );
  }

  get get() {
    return this.#view.get;
  }

  get subscribe() {
    return this.#view.subscribe;
  }

  /** The room is level with its log. */
  synced(): void {
    if (this.#view.isWatched && !this.#isLevel) this.#load();
  }

  /** The log was applied up to and with this event. */
  apply(event: LogEvent): void {
    if (this.#status !== "live") return;
    if (!this.#content.apply(event)) {
      this.#isBehind = true;
      this.#loadSoon(AGAIN_AFTER * (1 + this.#host.random()));
    }
    this.#view.changed();
  }

  /** The log went on without telling what happened. */
  skipped(): void {
    if (this.#status === "cold") return;
    if (this.#view.isWatched) this.#load();
    else this.clear();
  }

  /** What is on its way will not come. */
  disconnected(): void {
    this.#stop();
    // Asked again when the room is level.
    if (this.#status === "failed") this.#enter("loading");
  }

  /** Nothing that was known holds, or may be held, any more; whoever looks sees it again when the room is level. */
  clear(): void {
    this.#stop();
    this.#content.clear();
    this.#status = "cold";
    this.#view.changed();
  }

  get #isLevel(): boolean {
    return this.#status === "live" && !this.#isBehind;
  }

  #stop(): void {
    this.#asked += 1;
    this.#stopTimer();
  }

  #load(): void {
    this.#stop();
    this.#enter("loading");
    if (this.#host.isSynced) void this.#ask(this.#asked);
  }

  #loadSoon(delay: number): void {
    this.#stopTimer();
    this.#stopTimer = this.#host.clock.after(delay, () => {
      if (this.#view.isWatched) this.#load();
      else this.clear();
    });
  }

  async #ask(asked: number): Promise<void> {
    const recording = this.#host.record();
    try {
      const answer = await this.#content.ask();
      if (asked !== this.#asked) return;
      this.#attempt = 0;
      const { events } = recording;
      if (events === undefined) this.#load();
      else this.#answered(answer, events);
    } catch (error) {
      // The room is not synced again before there is another connection, which asks.
      if (asked !== this.#asked || error instanceof ConnectionLost) return;
      if (error instanceof CommandError && !isTemporary(error)) this.#enter("failed");
      else {
        this.#attempt += 1;
        this.#loadSoon(fullJitter(this.#attempt, this.#host.random));
      }
    } finally {
      recording.stop();
    }
  }

  #answered(answer: Answer, since: readonly LogEvent[]): void {
    this.#content.replace(answer);
    this.#isBehind = false;
    this.#enter("live");
    this.#view.changed();
    for (const event of since) this.apply(event);
  }

  #enter(status: ListStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#view.changed();
  }
}
