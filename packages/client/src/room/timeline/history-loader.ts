import type { HistoryPage, LogEvent } from "@multichat/protocol";
import type { Clock } from "../../core/clock.ts";
import { Waiters } from "../../core/waiters.ts";
import { ClientBusy, ConnectionLost, ReplyTimeout } from "../../model/errors.ts";
import type { GapItem } from "../../model/room-snapshot.ts";
import type { Recording } from "../log/event-recorder.ts";
import type { Timeline } from "./timeline.ts";

/** Times that a page is asked for whose answer cannot be brought level with the log. */
const MAX_TRIES = 4;

/** Of these three one. */
export type PageWhere = { readonly before: number } | { readonly after: number } | { readonly around: number };

/** What loading pages asks of the room that they belong to. */
export interface PagedRoom {
  readonly clock: Clock;
  /** Milliseconds that the first page may take. */
  readonly patience: number;
  readonly isOpen: boolean;
  /** The first page is here. */
  readonly isPaged: boolean;
  /** Why there is nothing to load from. */
  readonly refusal: Error | undefined;
  readonly timeline: Timeline | undefined;
  /** How far the log is applied. */
  readonly end: number;
  history(where: PageWhere): Promise<HistoryPage>;
  /** What the log tells from now on. */
  record(): Recording;
  /** Where the person looks now. */
  look(seq: number | null): void;
  /** The timeline knows more. */
  learned(): void;
  /** Something began to load, or ended. */
  changed(): void;
}

/** Pages of a room's history, each loaded once at a time, and put into the timeline with exactly what they tell. */
export class HistoryLoader {
  readonly #room: PagedRoom;
  #loads = new Map<string, Promise<void>>();
  readonly #waiters: Waiters;

  constructor(room: PagedRoom) {
    this.#room = room;
    this.#waiters = new Waiters(room.clock);
  }

  get loadingBefore(): boolean {
    return this.#loads.has("before");
  }

  before(): Promise<void> {
    return this.#once("before", async (timeline) => {
      if (!timeline.hasBefore) return;
      const before = timeline.knownFrom;
      const { page, since } = await this.#ask({ before });
      if (timeline !== this.#room.timeline) return;
      this.#room.look(timeline.oldestSeq ?? null);
      timeline.learn(page.messages, beginningOf(page, before), before - 1, since);
      this.#room.learned();
    });
  }

  around(seq: number): Promise<void> {
    return this.#once(`around:${seq}`, async (timeline) => {
      this.#room.look(seq);
      if (timeline.knows(seq)) return;
      const { end } = this.#room;
      const { page, since } = await this.#ask({ around: seq });
      if (timeline !== this.#room.timeline) return;
      const last = page.messages.at(-1)?.seq ?? seq;
      const hi = this.#upTo(page.hasAfter ? last : Math.max(last, end));
      timeline.learn(page.messages, beginningOf(page, seq), hi, since);
      this.#room.learned();
    });
  }

  gap({ key, after, before }: GapItem, from: "above" | "below"): Promise<void> {
    return this.#once(`${key}:${from}`, async (timeline) => {
      const { page, since } = await this.#ask(from === "above" ? { after } : { before });
      if (timeline !== this.#room.timeline) return;
      const { messages } = page;
      if (from === "above") {
        const last = page.hasAfter ? (messages.at(-1)?.seq ?? after) : before - 1;
        timeline.learn(messages, after + 1, this.#upTo(Math.min(last, before - 1)), since);
      } else {
        timeline.learn(messages, beginningOf(page, before), before - 1, since);
      }
      this.#room.look(from === "above" ? after : before);
      this.#room.learned();
    });
  }

  /** What is in doubt is read again; where that cannot be, it is not shown any more. The next connection goes on where this one ends. */
  verify(): Promise<void> {
    return this.#once("verify", async (timeline) => {
      try {
        for (let part = timeline.doubtful; part !== undefined; part = timeline.doubtful) {
          const before = part.hi + 1;
          const { page, since } = await this.#ask({ before });
          if (timeline !== this.#room.timeline) return;
          const lo = beginningOf(page, before);
          if (lo >= before) break;
          timeline.learn(page.messages, lo, part.hi, since);
          this.#room.learned();
        }
      } catch (error) {
        if (error instanceof ConnectionLost) return;
      }
      if (timeline.doubtful === undefined) return;
      timeline.dropDoubtful();
      this.#room.learned();
    });
  }

  /** The first page is here: what waited for it goes on. */
  arrived(): void {
    this.#waiters.resolve();
  }

  /** There will be no first page. */
  refused(error: Error): void {
    this.#waiters.reject(error);
  }

  /** The timeline is another one: what is under way says nothing about it. */
  abandon(): void {
    this.#loads = new Map();
  }

  /** A page, and what the log has told since it was asked for. */
  async #ask(where: PageWhere): Promise<{ readonly page: HistoryPage; readonly since: readonly LogEvent[] }> {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const recording = this.#room.record();
      try {
        const page = await this.#room.history(where);
        if (recording.events !== undefined) return { page, since: recording.events };
      } finally {
        recording.stop();
      }
    }
    throw new ClientBusy("More happens in this room than can be followed while a page of it is read; try again.");
  }

  /** A second call for the same gets the first one's promise. */
  #once(key: string, load: (timeline: Timeline) => Promise<void>): Promise<void> {
    const running = this.#loads.get(key);
    if (running !== undefined) return running;
    const loads = this.#loads;
    const promise = this.#paged()
      .then(load)
      .finally(() => {
        loads.delete(key);
        this.#room.changed();
      });
    loads.set(key, promise);
    this.#room.changed();
    return promise;
  }

  async #paged(): Promise<Timeline> {
    const room = this.#room;
    if (!room.isOpen) throw new ConnectionLost("The room is not open; call open() before loading messages.");
    if (room.refusal !== undefined) throw room.refusal;
    if (!room.isPaged) await this.#firstPage();
    if (room.timeline === undefined) throw new ConnectionLost("The room was closed while it was loading.");
    return room.timeline;
  }

  #firstPage(): Promise<void> {
    const { patience } = this.#room;
    return this.#waiters.wait(
      patience,
      () => new ReplyTimeout(`The room's first page did not come within ${patience} ms.`),
    );
  }

  /** What is beyond the log's applied part will come as events. */
  #upTo(seq: number): number {
    return Math.min(seq, this.#room.end);
  }
}

/** The first seq that a page tells of; `from`: where it was asked for, when there is no message to tell. */
export function beginningOf(page: HistoryPage, from: number): number {
  return page.hasBefore ? (page.messages[0]?.seq ?? from) : 1;
}
