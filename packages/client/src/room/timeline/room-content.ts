import type { HistoryPage, LogEvent, Message } from "@multichat/protocol";
import type { MessageChange } from "../../model/message-changes.ts";
import type { OutboxMessage } from "../../model/outbox-message.ts";
import type { GapItem, RoomEvent, TimelineItem } from "../../model/room-snapshot.ts";
import type { PersistedRoom } from "../../storage/persisted-state.ts";
import type { ReadTracker } from "../reading/read-tracker.ts";
import type { RoomScope } from "../room-scope.ts";
import { firstSeqOf, HistoryLoader, type LoadableContent } from "./history-loader.ts";
import { OptimisticChanges } from "./optimistic-changes.ts";
import { RoomItems } from "./room-items.ts";
import { Timeline } from "./timeline.ts";

/** The number of a room's messages that are persisted. */
const PERSISTED_MESSAGES = 50;
/** The number of pages that are kept, to be loaded again, after a break that was too long to replay. */
const UNVERIFIED_PAGES = 2;

/** The loaded messages of a room, with the user's optimistic changes. */
export class RoomContent implements LoadableContent {
  readonly history: HistoryLoader;
  readonly changes: OptimisticChanges;
  readonly #scope: RoomScope;
  readonly #reading: ReadTracker;
  readonly #items: RoomItems;
  /** undefined while the room was not opened, or not for a long time; its log can be followed all the same. */
  #timeline: Timeline | undefined;
  #hasFirstPage = false;
  #viewedSeq: number | null = null;

  constructor(scope: RoomScope, reading: ReadTracker) {
    this.#scope = scope;
    this.#reading = reading;
    this.history = new HistoryLoader(scope, this);
    this.changes = new OptimisticChanges(
      scope,
      () => (this.isLoaded ? scope.log.seq : undefined),
      (messageId) => this.#timeline?.message(messageId),
    );
    this.#items = new RoomItems(this.changes);
    this.changes.changed.subscribe(() => this.#itemsChanged());
  }

  get timeline(): Timeline | undefined {
    return this.#timeline;
  }

  get isLoaded(): boolean {
    return this.#timeline !== undefined;
  }

  get hasFirstPage(): boolean {
    return this.#hasFirstPage;
  }

  get hasBefore(): boolean {
    return this.#timeline?.hasBefore ?? false;
  }

  items(unsent: readonly OutboxMessage[]): readonly TimelineItem[] {
    return this.#items.get(this.#timeline, unsent);
  }

  setViewedSeq(seq: number | null): void {
    this.#viewedSeq = seq;
  }

  /** The room was opened. */
  open(): void {
    this.#timeline ??= this.#emptyTimeline(this.#scope.log.seq ?? 0);
  }

  /** Drops the messages, because the room was not open for a while. */
  unload(): void {
    this.#hasFirstPage = false;
    this.#setTimeline(undefined);
  }

  /** Drops everything, because the log was replaced or the user changed. */
  forget(): void {
    this.#hasFirstPage = false;
    this.changes.clear();
    this.#viewedSeq = null;
    this.#setTimeline(this.#scope.isOpen ? this.#emptyTimeline(0) : undefined);
  }

  restore({ seq, from, messages }: PersistedRoom): void {
    this.#timeline = this.#emptyTimeline(seq);
    this.#timeline.insert(messages, from, seq, []);
    this.#hasFirstPage = true;
    this.#itemsChanged();
  }

  /** Returns what to persist of a log that was applied up to `seq`; undefined when nothing is loaded. */
  persistedMessages(seq: number): Pick<PersistedRoom, "from" | "messages"> | undefined {
    const timeline = this.#timeline;
    if (timeline === undefined || !this.#hasFirstPage) return undefined;
    const messages = timeline.newest(PERSISTED_MESSAGES);
    const isWholeLog = messages.length < PERSISTED_MESSAGES && !timeline.hasBefore && timeline.size === messages.length;
    return { from: isWholeLog ? 1 : (messages[0]?.seq ?? seq + 1), messages };
  }

  /** The log is followed after this seq; nothing before it is loaded. */
  beginAt(seq: number): void {
    if (this.isLoaded) this.#setTimeline(this.#emptyTimeline(seq));
  }

  /** The log skipped the seqs from `from` to `to`: what happened there, also to older messages, is not known. */
  skip(from: number, to: number): void {
    const { isOpen, context } = this.#scope;
    if (isOpen) this.#timeline?.markUnverified(UNVERIFIED_PAGES * context.pageSize, this.#viewedSeq);
    else this.beginAt(to);
    this.#timeline?.markMissing(from, to);
  }

  /**
   * Inserts the latest page as of `asOfSeq`.
   * @param events the events applied since; undefined when they are not known, and the page cannot be used
   */
  insertLatestPage(page: HistoryPage, asOfSeq: number, events: readonly LogEvent[] | undefined): void {
    if (events !== undefined) {
      this.#timeline?.insert(page.messages, firstSeqOf(page, asOfSeq + 1), asOfSeq, events);
      this.#hasFirstPage = this.isLoaded;
    }
    this.timelineExtended();
  }

  append(message: Message): void {
    this.#timeline?.append(message);
  }

  appendEvent(event: RoomEvent): void {
    this.#timeline?.appendEvent(event);
  }

  applyChange(event: MessageChange): void {
    this.#timeline?.applyChange(event);
  }

  /** The log was applied up to this seq. */
  logApplied(seq: number): void {
    this.changes.removeApplied(seq);
    this.#timelineChanged();
  }

  /** Loads what is missing at the end or unverified of an open room; of a closed one, drops what is unverified. */
  repair(): void {
    const timeline = this.#timeline;
    if (timeline === undefined) return;
    if (this.#scope.isOpen) {
      this.#loadMissingEnd(timeline);
      // When the room is closed meanwhile, the next time it is opened continues.
      if (timeline.unverified !== undefined) this.history.verify().catch(() => {});
    } else if (timeline.unverified !== undefined) {
      timeline.dropUnverified();
      this.#itemsChanged();
    }
  }

  timelineExtended(): void {
    if (this.#timeline !== undefined) this.#reading.messagesLoaded(this.#timeline);
    this.#timelineChanged();
  }

  /** An answer that would be too long comes without the newest messages, so they are loaded. */
  #loadMissingEnd({ missingEnd }: Timeline): void {
    if (!this.#hasFirstPage || missingEnd === undefined) return;
    const { lo, hi } = missingEnd;
    const gap: GapItem = { kind: "gap", key: `end:${hi}`, after: lo - 1, before: hi + 1 };
    // When it fails the gap is shown, and the user or the next connection loads it.
    this.history.loadGap(gap, "below").catch(() => {});
  }

  #timelineChanged(): void {
    this.#timeline?.trim(this.#scope.context.maxMessages, this.#viewedSeq);
    this.#itemsChanged();
    this.#scope.contentChanged.emit();
  }

  #setTimeline(timeline: Timeline | undefined): void {
    this.#timeline = timeline;
    this.#itemsChanged();
    this.history.abandonLoads();
  }

  #itemsChanged(): void {
    this.#items.invalidate();
    this.#scope.changed.emit();
  }

  #emptyTimeline(seq: number): Timeline {
    return new Timeline(seq, this.#scope.context.session);
  }
}
