import type { HistoryPage, LogEvent, Message } from "@multichat/protocol";
import type { MessageChange } from "../../model/message-changes.ts";
import type { OutboxMessage } from "../../model/outbox-message.ts";
import type { GapItem, TimelineItem } from "../../model/room-snapshot.ts";
import type { PersistedRoom } from "../../storage/persisted-state.ts";
import type { Recording } from "../log/event-recorder.ts";
import type { RoomHost } from "../room-host.ts";
import { beginningOf, HistoryLoader, type PagedRoom } from "./history-loader.ts";
import { OptimisticChanges } from "./optimistic-changes.ts";
import { RoomItems } from "./room-items.ts";
import { Timeline } from "./timeline.ts";

/** Messages of a room that are kept across a reload. */
const KEPT_MESSAGES = 50;
/** Pages of messages that stay to be read again after a break that was too long to replay. */
const PAGES_IN_DOUBT = 2;

/** What the content asks of the room that it belongs to. */
export interface ContentRoom {
  readonly id: string;
  /** Somebody looks. */
  readonly isOpen: boolean;
  /** How far the log is applied; undefined when it was never heard. */
  readonly seq: number | undefined;
  /** Why there is nothing to load from. */
  readonly refusal: Error | undefined;
  /** What the log tells from now on. */
  record(): Recording;
  /** Messages were loaded: what is unread among them is known now. */
  learned(timeline: Timeline): void;
  /** Something else is worth keeping than before. */
  keep(): void;
  changed(): void;
}

type ContentHost = Pick<
  RoomHost<never>,
  "clock" | "pageSize" | "maxMessages" | "replyTimeout" | "newId" | "me" | "isOwn" | "request" | "askPatiently"
>;

/** What is loaded of a room: the messages around where somebody looks, with one's own changes on them. */
export class RoomContent {
  readonly #room: ContentRoom;
  readonly #host: ContentHost;
  /** undefined: nobody has looked at the room yet, or not for a long time; the log may be followed all the same. */
  #timeline: Timeline | undefined;
  /** The first page is here. */
  #hasPage = false;
  #focus: number | null = null;
  readonly #lines: RoomItems;
  readonly pages: HistoryLoader;
  readonly changes: OptimisticChanges;

  constructor(room: ContentRoom, host: ContentHost) {
    this.#room = room;
    this.#host = host;
    this.pages = new HistoryLoader(this.#pagedRoom());
    this.changes = new OptimisticChanges(room.id, {
      me: () => host.me(),
      now: () => host.clock.now(),
      seq: () => (this.isLoaded ? room.seq : undefined),
      newId: () => host.newId(),
      ask: (name, params) => host.askPatiently(name, params),
      changed: () => this.#linesChanged(),
    });
    this.#lines = new RoomItems(this.changes);
  }

  get isLoaded(): boolean {
    return this.#timeline !== undefined;
  }

  /** The first page is here. */
  get hasPage(): boolean {
    return this.#hasPage;
  }

  get hasBefore(): boolean {
    return this.#timeline?.hasBefore ?? false;
  }

  get timeline(): Timeline | undefined {
    return this.#timeline;
  }

  items(unsent: readonly OutboxMessage[]): readonly TimelineItem[] {
    return this.#lines.items(this.#timeline, unsent);
  }

  lookAt(seq: number | null): void {
    this.#focus = seq;
  }

  /** Somebody looks. */
  open(): void {
    this.#timeline ??= this.#empty(this.#room.seq ?? 0);
  }

  /** Nobody has looked for a while. */
  evict(): void {
    this.#hasPage = false;
    this.#setTimeline(undefined);
  }

  /** The log is another one, or nobody's any more: nothing that was loaded holds. */
  forget(): void {
    this.#hasPage = false;
    this.changes.clear();
    this.#focus = null;
    this.#setTimeline(this.#room.isOpen ? this.#empty(0) : undefined);
  }

  restore({ seq, from, messages }: PersistedRoom): void {
    this.#timeline = this.#empty(seq);
    this.#timeline.learn(messages, from, seq, []);
    this.#hasPage = true;
    this.#linesChanged();
  }

  /** What is worth keeping of a log that is applied up to `seq`; undefined when nothing is loaded. */
  kept(seq: number): Pick<PersistedRoom, "from" | "messages"> | undefined {
    const timeline = this.#timeline;
    if (timeline === undefined || !this.#hasPage) return undefined;
    const messages = timeline.tail(KEPT_MESSAGES);
    const complete = messages.length < KEPT_MESSAGES && !timeline.hasBefore && timeline.size === messages.length;
    return { from: complete ? 1 : (messages[0]?.seq ?? seq + 1), messages };
  }

  /** The log begins here, as far as this client is concerned. */
  begin(seq: number): void {
    if (this.isLoaded) this.#setTimeline(this.#empty(seq));
  }

  /** The log goes on from `to`, and nobody told what happened since `from`, nor to the messages from before. */
  skip(from: number, to: number): void {
    if (this.#room.isOpen) this.#timeline?.doubt(PAGES_IN_DOUBT * this.#host.pageSize, this.#focus);
    else this.begin(to);
    this.#timeline?.skip(from, to);
  }

  /** The latest page as of a place in the log, and what the log has told since; undefined: that cannot be told, and the page not be used. */
  learn(page: HistoryPage, asOf: number, since: readonly LogEvent[] | undefined): void {
    if (since !== undefined) {
      this.#timeline?.learn(page.messages, beginningOf(page, asOf + 1), asOf, since);
      this.#hasPage = this.isLoaded;
    }
    this.#learned();
  }

  append(message: Message): void {
    this.#timeline?.append(message);
  }

  appendEvent(event: Parameters<Timeline["appendEvent"]>[0]): void {
    this.#timeline?.appendEvent(event);
  }

  change(event: MessageChange): void {
    this.#timeline?.change(event);
  }

  /** The log is applied up to here. */
  applied(seq: number): void {
    this.changes.reached(seq);
    this.#timelineChanged();
  }

  /** What is missing at the end, or in doubt, is read where somebody looks at it; what nobody looks at is not kept in doubt. */
  heal(): void {
    const timeline = this.#timeline;
    if (timeline === undefined) return;
    if (this.#room.isOpen) {
      this.#readEnd(timeline);
      // Where the room is closed meanwhile, the next look at it goes on.
      if (timeline.doubtful !== undefined) this.pages.verify().catch(() => {});
    } else if (timeline.doubtful !== undefined) {
      timeline.dropDoubtful();
      this.#linesChanged();
    }
  }

  /** An answer may come without the newest messages, when it would have been too long: then they are asked for. */
  #readEnd(timeline: Timeline): void {
    const { end } = timeline;
    if (!this.#hasPage || end === undefined) return;
    const gap: GapItem = { kind: "gap", key: `end:${end.hi}`, after: end.lo - 1, before: end.hi + 1 };
    // Where it fails, the gap stays to be seen, and the person or the next connection asks again.
    this.pages.gap(gap, "below").catch(() => {});
  }

  #learned(): void {
    if (this.#timeline !== undefined) this.#room.learned(this.#timeline);
    this.#timelineChanged();
  }

  #timelineChanged(): void {
    this.#timeline?.trim(this.#host.maxMessages, this.#focus);
    this.#linesChanged();
    this.#room.keep();
  }

  #setTimeline(timeline: Timeline | undefined): void {
    this.#timeline = timeline;
    this.#linesChanged();
    this.pages.abandon();
  }

  #linesChanged(): void {
    this.#lines.changed();
    this.#room.changed();
  }

  #empty(seq: number): Timeline {
    return new Timeline(seq, this.#host);
  }

  /** This room, as the loading of pages sees it. */
  #pagedRoom(): PagedRoom {
    const content = this;
    const room = this.#room;
    const { clock, replyTimeout, pageSize } = this.#host;
    return {
      clock,
      patience: replyTimeout,
      get isOpen() {
        return room.isOpen;
      },
      get isPaged() {
        return content.#hasPage;
      },
      get refusal() {
        return room.refusal;
      },
      get timeline() {
        return content.#timeline;
      },
      get end() {
        return room.seq ?? 0;
      },
      history: (where) => this.#host.request("history.page", { room: room.id, limit: pageSize, ...where }),
      record: () => room.record(),
      look: (seq) => this.lookAt(seq),
      learned: () => this.#learned(),
      changed: () => room.changed(),
    };
  }
}
