import type { LogEvent } from "@multichat/protocol";
import { fullJitter } from "../../core/backoff.ts";
import { ComputedStore } from "../../core/computed-store.ts";
import type { Readable } from "../../core/readable.ts";
import { CommandError, ConnectionLost, isTemporary } from "../../model/errors.ts";
import type { ListStatus } from "../../model/room-snapshot.ts";
import type { RoomScope } from "../room-scope.ts";

/** The delay before a list is loaded again that could not follow an event, and up to as much again at random. */
const RELOAD_DELAY_MS = 500;

/** The content of a list, and how it follows the log. */
export interface ListContent<Answer, Snapshot> {
  load(): Promise<Answer>;
  replace(answer: Answer): void;
  /** Returns false when the event does not contain enough to follow it, so that the list has to be loaded again. */
  apply(event: LogEvent): boolean;
  clear(): void;
  snapshot(status: ListStatus): Snapshot;
}

/** A list of a room that is loaded with its first subscription, and follows the log from then on. */
export class LiveList<Answer, Snapshot> implements Readable<Snapshot> {
  readonly #scope: RoomScope;
  readonly #content: ListContent<Answer, Snapshot>;
  readonly #store: ComputedStore<Snapshot>;
  #status: ListStatus = "cold";
  /** Increases with every load, so that an answer to an older one is ignored. */
  #generation = 0;
  #failedAttempts = 0;
  /** Whether an event could not be followed. */
  #isBehind = false;
  #stopTimer: () => void = () => {};

  constructor(scope: RoomScope, content: ListContent<Answer, Snapshot>) {
    this.#scope = scope;
    this.#content = content;
    this.#store = new ComputedStore<Snapshot>(
      scope.context.batch,
      () => content.snapshot(this.#status),
      () => {
        if (!this.#isCurrent) this.#load();
      },
    );
  }

  get get() {
    return this.#store.get;
  }

  get subscribe() {
    return this.#store.subscribe;
  }

  /** The room has joined and caught up. */
  roomCaughtUp(): void {
    if (this.#store.hasListeners && !this.#isCurrent) this.#load();
  }

  /** Applies the next event of the log. */
  apply(event: LogEvent): void {
    if (this.#status !== "live") return;
    if (!this.#content.apply(event)) {
      this.#isBehind = true;
      this.#loadLater(RELOAD_DELAY_MS * (1 + this.#scope.context.random()));
    }
    this.#store.invalidate();
  }

  /** The log skipped events. */
  logSkipped(): void {
    if (this.#status === "cold") return;
    if (this.#store.hasListeners) this.#load();
    else this.clear();
  }

  /** The connection has closed. */
  markDisconnected(): void {
    this.#cancel();
    // Loaded again when the room has caught up.
    if (this.#status === "failed") this.#enter("loading");
  }

  /** Forgets the list. With a subscriber it is loaded again when the room has caught up. */
  clear(): void {
    this.#cancel();
    this.#content.clear();
    this.#status = "cold";
    this.#store.invalidate();
  }

  get #isCurrent(): boolean {
    return this.#status === "live" && !this.#isBehind;
  }

  #cancel(): void {
    this.#generation += 1;
    this.#stopTimer();
  }

  #load(): void {
    this.#cancel();
    this.#enter("loading");
    if (this.#scope.log.isJoined) void this.#request(this.#generation);
  }

  #loadLater(delayMs: number): void {
    this.#stopTimer();
    this.#stopTimer = this.#scope.context.clock.after(delayMs, () => {
      if (this.#store.hasListeners) this.#load();
      else this.clear();
    });
  }

  async #request(generation: number): Promise<void> {
    const recording = this.#scope.log.record();
    try {
      const answer = await this.#content.load();
      if (generation !== this.#generation) return;
      this.#failedAttempts = 0;
      const { events } = recording;
      if (events === undefined) this.#load();
      else this.#replace(answer, events);
    } catch (error) {
      // After a lost connection the list is loaded when the room has caught up over the next one.
      if (generation !== this.#generation || error instanceof ConnectionLost) return;
      if (error instanceof CommandError && !isTemporary(error)) this.#enter("failed");
      else {
        this.#failedAttempts += 1;
        this.#loadLater(fullJitter(this.#failedAttempts, this.#scope.context.random));
      }
    } finally {
      recording.stop();
    }
  }

  #replace(answer: Answer, events: readonly LogEvent[]): void {
    this.#content.replace(answer);
    this.#isBehind = false;
    this.#enter("live");
    this.#store.invalidate();
    for (const event of events) this.apply(event);
  }

  #enter(status: ListStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#store.invalidate();
  }
}
