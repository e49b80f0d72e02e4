import type { HistoryPage, LogEvent } from "@multichat/protocol";
import { Waiters } from "../../core/waiters.ts";
import { ClientBusy, ConnectionLost, ReplyTimeout } from "../../model/errors.ts";
import type { GapItem } from "../../model/room-snapshot.ts";
import type { RoomScope } from "../room-scope.ts";
import type { Timeline } from "./timeline.ts";

/** How often a page is requested whose answer cannot be made current. */
const MAX_ATTEMPTS = 4;

/** Exactly one of the three. */
export type PagePosition = { readonly before: number } | { readonly after: number } | { readonly around: number };

/** What history is loaded into. */
export interface LoadableContent {
  readonly timeline: Timeline | undefined;
  readonly hasFirstPage: boolean;
  setViewedSeq(seq: number | null): void;
  /** Messages were inserted into the timeline. */
  timelineExtended(): void;
}

interface LoadedPage {
  readonly page: HistoryPage;
  /** The events applied since the page was requested. */
  readonly events: readonly LogEvent[];
}

/** Loads pages of a room's history into the timeline, each position once at a time. */
export class HistoryLoader {
  readonly #scope: RoomScope;
  readonly #content: LoadableContent;
  #loads = new Map<string, Promise<void>>();
  readonly #firstPageWaiters: Waiters;

  constructor(scope: RoomScope, content: LoadableContent) {
    this.#scope = scope;
    this.#content = content;
    this.#firstPageWaiters = new Waiters(scope.context.clock);
  }

  get isLoadingBefore(): boolean {
    return this.#loads.has("before");
  }

  loadBefore(): Promise<void> {
    return this.#once("before", async (timeline) => {
      if (!timeline.hasBefore) return;
      const before = timeline.knownFrom;
      const { page, events } = await this.#request({ before });
      if (timeline !== this.#content.timeline) return;
      this.#content.setViewedSeq(timeline.oldestSeq ?? null);
      timeline.insert(page.messages, firstSeqOf(page, before), before - 1, events);
      this.#content.timelineExtended();
    });
  }

  loadAround(seq: number): Promise<void> {
    return this.#once(`around:${seq}`, async (timeline) => {
      this.#content.setViewedSeq(seq);
      if (timeline.isKnown(seq)) return;
      const appliedSeq = this.#appliedSeq;
      const { page, events } = await this.#request({ around: seq });
      if (timeline !== this.#content.timeline) return;
      const last = page.messages.at(-1)?.seq ?? seq;
      const hi = this.#clampToApplied(page.hasAfter ? last : Math.max(last, appliedSeq));
      timeline.insert(page.messages, firstSeqOf(page, seq), hi, events);
      this.#content.timelineExtended();
    });
  }

  loadGap({ key, after, before }: GapItem, from: "above" | "below"): Promise<void> {
    return this.#once(`${key}:${from}`, async (timeline) => {
      const { page, events } = await this.#request(from === "above" ? { after } : { before });
      if (timeline !== this.#content.timeline) return;
      const { messages } = page;
      if (from === "above") {
        const last = page.hasAfter ? (messages.at(-1)?.seq ?? after) : before - 1;
        timeline.insert(messages, after + 1, this.#clampToApplied(Math.min(last, before - 1)), events);
      } else {
        timeline.insert(messages, firstSeqOf(page, before), before - 1, events);
      }
      this.#content.setViewedSeq(from === "above" ? after : before);
      this.#content.timelineExtended();
    });
  }

  /** Loads unverified messages again, and drops those that cannot be loaded. A closed connection leaves the rest to the next one. */
  verify(): Promise<void> {
    return this.#once("verify", async (timeline) => {
      try {
        for (let interval = timeline.unverified; interval !== undefined; interval = timeline.unverified) {
          const before = interval.hi + 1;
          const { page, events } = await this.#request({ before });
          if (timeline !== this.#content.timeline) return;
          const lo = firstSeqOf(page, before);
          if (lo >= before) break;
          timeline.insert(page.messages, lo, interval.hi, events);
          this.#content.timelineExtended();
        }
      } catch (error) {
        if (error instanceof ConnectionLost) return;
      }
      if (timeline.unverified === undefined) return;
      timeline.dropUnverified();
      this.#content.timelineExtended();
    });
  }

  /** The first page is in the timeline: loads that waited for it continue. */
  firstPageArrived(): void {
    this.#firstPageWaiters.resolveAll();
  }

  /** There will be no first page. */
  roomRefused(error: Error): void {
    this.#firstPageWaiters.rejectAll(error);
  }

  /** The timeline was replaced: pending loads do not apply to it. */
  abandonLoads(): void {
    this.#loads = new Map();
  }

  async #request(position: PagePosition): Promise<LoadedPage> {
    const { id, log, context } = this.#scope;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const recording = log.record();
      try {
        const limit = Math.min(context.pageSize, context.serverLimits.current.historyPage);
        const params = { room: id, limit, ...position };
        const page = await context.transport.request("history.page", params);
        if (recording.events !== undefined) return { page, events: recording.events };
      } finally {
        recording.stop();
      }
    }
    throw new ClientBusy("Too many events happened in the room while a page of it was loading; try again.");
  }

  /** Returns the promise of a load that is already pending for the same key. */
  #once(key: string, load: (timeline: Timeline) => Promise<void>): Promise<void> {
    const pending = this.#loads.get(key);
    if (pending !== undefined) return pending;
    const loads = this.#loads;
    const promise = this.#readyTimeline()
      .then(load)
      .finally(() => {
        loads.delete(key);
        this.#scope.changed.emit();
      });
    loads.set(key, promise);
    this.#scope.changed.emit();
    return promise;
  }

  async #readyTimeline(): Promise<Timeline> {
    const { isOpen, refusal } = this.#scope;
    if (!isOpen) throw new ConnectionLost("The room is not open; call open() before loading messages.");
    if (refusal !== undefined) throw refusal;
    if (!this.#content.hasFirstPage) await this.#waitForFirstPage();
    const { timeline } = this.#content;
    if (timeline === undefined) throw new ConnectionLost("The room was closed while it was loading.");
    return timeline;
  }

  #waitForFirstPage(): Promise<void> {
    const { replyTimeoutMs } = this.#scope.context;
    return this.#firstPageWaiters.wait(
      replyTimeoutMs,
      () => new ReplyTimeout(`The room's first page did not arrive within ${replyTimeoutMs} ms.`),
    );
  }

  get #appliedSeq(): number {
    return this.#scope.log.seq ?? 0;
  }

  /** Messages beyond the applied seq will arrive as events. */
  #clampToApplied(seq: number): number {
    return Math.min(seq, this.#appliedSeq);
  }
}

/** Returns the first seq that a page covers. `requestedSeq` is used when the page has no messages. */
export function firstSeqOf(page: HistoryPage, requestedSeq: number): number {
  return page.hasBefore ? (page.messages[0]?.seq ?? requestedSeq) : 1;
}
