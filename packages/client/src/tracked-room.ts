import type {
  CommandName,
  Commands,
  HistoryPage,
  JoinedRoom,
  LogEvent,
  MemberState,
  Message,
  OkOf,
  Room,
  RoomListEntry,
  ServerEvent,
  WireError,
} from "@multichat/protocol";
import type { RoomReset } from "./client.ts";
import type { Clock } from "./clock.ts";
import { CommandError } from "./errors.ts";
import type { KeptRoom } from "./kept-state.ts";
import { LogCursor } from "./log-cursor.ts";
import type { OutboxMessage } from "./outbox-message.ts";
import { ReadMarker, type ReadMarkerHost } from "./read-marker.ts";
import { beginningOf, type PagedRoom, RoomPages } from "./room-pages.ts";
import type { GapItem, RoomNotice, RoomSnapshot, RoomStatus, TimelineItem } from "./room-snapshot.ts";
import type { RoomStore, SentMessage } from "./room-store.ts";
import { Timeline } from "./timeline.ts";
import { UnreadCount } from "./unread-count.ts";
import { type Turn, View } from "./view.ts";

const MAX_NOTICES = 50;
/** Events that wait for the answer to a join, at most; the rest is asked for again. */
const MAX_EARLY = 1_000;
/** Messages of a room that are kept across a reload. */
const KEPT_MESSAGES = 50;

/** What a room asks of the client around it. */
export interface RoomHost {
  readonly clock: Clock;
  readonly turn: Turn;
  readonly pageSize: number;
  readonly maxMessages: number;
  readonly replyTimeout: number;
  isOwn(message: Message): boolean;
  request<N extends CommandName>(name: N, carries: Commands[N]["carries"]): Promise<OkOf<N>>;
  send(room: string, body: string): SentMessage;
  unsent(room: string): readonly OutboxMessage[];
  /** Someone looks at the room, or nobody any more. */
  opened(room: TrackedRoom): void;
  closed(room: TrackedRoom): void;
  /** The log goes on beyond what came. */
  behind(room: TrackedRoom): void;
  /** The unread count may be off by what came meanwhile. */
  recount(room: TrackedRoom): void;
  /** What the list of rooms shows of it. */
  listed(id: string, changes: Partial<RoomListEntry>): void;
  applied(event: ServerEvent | RoomReset): void;
  /** The log is applied up to here. */
  reached(room: string, seq: number): void;
  /** Something changed that is worth keeping. */
  keep(room: TrackedRoom): void;
}

/** A room as the client tracks it: its place in the log, what is loaded of it, who reads it. */
export class TrackedRoom implements RoomStore {
  readonly id: string;
  readonly #host: RoomHost;
  readonly #view: View<RoomSnapshot>;
  #info: Room | undefined;
  /** undefined: the log was never heard. */
  #cursor: LogCursor | undefined;
  /** undefined: nobody has looked at the room yet, or not for a long time; the log may be followed all the same. */
  #timeline: Timeline | undefined;
  #items: readonly TimelineItem[] | undefined;
  /** The first page is here. */
  #hasPage = false;
  /** This connection has caught up with the log, and events apply as they come. */
  #synced = false;
  #asking = false;
  #life = 0;
  /** What came on this connection before the answer that says where it belongs. */
  #early: LogEvent[] = [];
  #gone: { readonly error: WireError | null } | undefined;
  #unread = new UnreadCount();
  readonly #marker: ReadMarker;
  #notices: readonly RoomNotice[] = [];
  #noticesSoFar = 0;
  #readers = 0;
  #focus: number | null = null;
  readonly #pages: RoomPages;
  readonly #pendingItems = new WeakMap<OutboxMessage, TimelineItem>();

  constructor(id: string, host: RoomHost) {
    this.id = id;
    this.#host = host;
    this.#view = new View<RoomSnapshot>(host.turn, () => this.#snapshot());
    this.#pages = new RoomPages(this.#pagedRoom());
    this.#marker = new ReadMarker(this.#markerHost());
  }

  get get() {
    return this.#view.get;
  }

  get subscribe() {
    return this.#view.subscribe;
  }

  get isOpen(): boolean {
    return this.#readers > 0;
  }

  get isGone(): boolean {
    return this.#gone !== undefined;
  }

  get isLoaded(): boolean {
    return this.#timeline !== undefined;
  }

  get needsPage(): boolean {
    return this.isOpen && !this.#hasPage;
  }

  get isSynced(): boolean {
    return this.#synced;
  }

  get isBehind(): boolean {
    return this.#cursor?.behind ?? false;
  }

  /** Grows whenever what is known of the log is forgotten: an answer that was asked for before says nothing about what is now. */
  get life(): number {
    return this.#life;
  }

  /** The last seq that was applied; undefined when the log was never heard. */
  get seq(): number | undefined {
    return this.#cursor?.seq;
  }

  readonly open = (): (() => void) => {
    this.#readers += 1;
    if (this.#readers === 1) {
      this.#timeline ??= this.#emptyTimeline(this.#cursor?.seq ?? 0);
      this.#host.opened(this);
      this.changed();
    }
    let looking = true;
    return () => {
      if (!looking) return;
      looking = false;
      this.#readers -= 1;
      if (this.#readers === 0) this.#host.closed(this);
    };
  };

  readonly send = (body: string): SentMessage => this.#host.send(this.id, body);

  readonly loadBefore = (): Promise<void> => this.#pages.before();

  readonly loadAround = (seq: number): Promise<void> => this.#pages.around(seq);

  readonly loadGap = (gap: GapItem, from: "above" | "below" = "above"): Promise<void> => this.#pages.gap(gap, from);

  readonly lookAt = (seq: number | null): void => {
    this.#focus = seq;
  };

  readonly markRead = (seq: number): void => {
    const end = this.#cursor?.seq ?? 0;
    if (seq >= end) this.#focus = null;
    if (!this.#unread.mark(Math.min(seq, end))) return;
    this.#unreadChanged();
    this.#marker.move(this.#unread.readSeq);
  };

  // What the synchroniser tells.

  /** The log is to be followed from here on, without loading anything. */
  follow(entry: RoomListEntry): void {
    this.#gone = undefined;
    this.#info = entry;
    if (this.#cursor !== undefined) return;
    this.#cursor = new LogCursor(entry.lastSeq);
    this.#unread.follow(entry.lastSeq);
    if (this.#timeline !== undefined) this.#timeline = this.#emptyTimeline(entry.lastSeq);
    this.#host.applied({ on: "client.reset", room: this.id, seq: entry.lastSeq, page: null });
    this.changed();
  }

  restore(kept: KeptRoom): void {
    if (this.#cursor !== undefined) return;
    this.#info = kept.room;
    this.#cursor = new LogCursor(kept.seq);
    this.#unread.follow(kept.seq);
    this.#unread.hear(kept.state, kept.seq);
    this.#timeline = this.#emptyTimeline(kept.seq);
    this.#timeline.learn(kept.messages, kept.from, kept.seq);
    this.#hasPage = true;
    this.changed();
  }

  /** What is worth keeping; undefined when nothing of the room is loaded. */
  kept(): KeptRoom | undefined {
    const { readSeq, unread, mentions } = this.#unread;
    if (this.#info === undefined || this.#cursor === undefined || this.#timeline === undefined || !this.#hasPage) {
      return undefined;
    }
    const messages = this.#timeline.tail(KEPT_MESSAGES);
    const complete =
      messages.length < KEPT_MESSAGES && !this.#timeline.hasBefore && this.#timeline.size === messages.length;
    return {
      room: this.#info,
      seq: this.#cursor.seq,
      state: { readSeq, unread, mentions },
      from: complete ? 1 : (messages[0]?.seq ?? this.#cursor.seq + 1),
      messages,
    };
  }

  /** The answer to a join or resume. `since`: the seq that was asked with. */
  joined(answer: JoinedRoom, since: number | undefined): void {
    const asOf = answer.room.lastSeq;
    this.#gone = undefined;
    if (since !== undefined && asOf < since) this.#info = undefined;
    this.#describe(answer.room);
    if (answer.reset) this.#reset(answer.page, asOf, since);
    else for (const event of answer.events) this.#cursor?.offer(event);
    for (const event of this.#early) this.#cursor?.offer(event);
    this.#early = [];
    this.#cursor?.note(asOf);
    this.#synced = this.#cursor !== undefined;
    this.#asking = false;
    const counted = this.#unread.hear(answer.state, asOf) || this.#unread.exact;
    this.#drain();
    if (!counted) this.#host.recount(this);
    this.#unreadChanged();
    this.#marker.believed(answer.state.readSeq);
    if (this.#hasPage) this.#pages.arrived();
    this.changed();
    this.#healEnd(asOf);
  }

  /** The server does not let this person in (any more); `error`: what it said, null where the room was taken away. */
  refused(error: WireError | null): void {
    this.#gone = { error };
    this.#info = undefined;
    this.#early = [];
    this.#forgetLog();
    this.#host.reached(this.id, Number.POSITIVE_INFINITY);
    this.#pages.refused(this.#refusal());
    this.changed();
  }

  event(event: LogEvent): void {
    if (!this.#synced) {
      if (this.#early.length < MAX_EARLY) this.#early.push(event);
      return;
    }
    this.#cursor?.offer(event);
    this.#drain();
  }

  /** The log is known to reach this far. */
  note(seq: number): void {
    this.#cursor?.note(seq);
    if (this.#synced && this.isBehind) this.#host.behind(this);
  }

  /** What the server says about the room, and in its list about what is unread there. */
  described(room: Room, unread?: number): void {
    this.#describe(room);
    // Of the same log as far as here: that the marker moved elsewhere was not heard.
    if (this.#synced && unread !== undefined && room.lastSeq === this.seq && unread !== this.#unread.unread) {
      this.#host.recount(this);
    }
    this.note(room.lastSeq);
    if (this.#synced) this.#unreadChanged();
    else this.changed();
  }

  /** The read marker moved, here or on another device. */
  marked(state: MemberState): void {
    if (!this.#unread.mark(state.readSeq)) return;
    if (!this.#unread.exact) {
      // How far the log had come when the server counted is not said: right or nearly so until it is asked.
      this.#unread.hear(state, this.#cursor?.seq ?? 0);
      this.#host.recount(this);
    }
    this.#unreadChanged();
  }

  noticed(kind: RoomNotice["kind"], user: RoomNotice["user"]): void {
    if (!this.isLoaded) return;
    this.#noticesSoFar += 1;
    const notice: RoomNotice = {
      key: `notice:${this.#noticesSoFar}`,
      kind,
      user,
      at: this.#host.clock.now(),
      afterSeq: this.#cursor?.seq ?? 0,
    };
    this.#notices = [...this.#notices, notice].slice(-MAX_NOTICES);
    this.changed();
  }

  /** A question about missing events is on its way. */
  asking(): void {
    if (this.#asking) return;
    this.#asking = true;
    this.changed();
  }

  disconnected(): void {
    this.#synced = false;
    this.#asking = false;
    this.#early = [];
    this.#cursor?.drop();
    this.changed();
  }

  /** Nobody has looked for a while: messages go, the place in the log stays. */
  evict(): void {
    this.#timeline = undefined;
    this.#items = undefined;
    this.#hasPage = false;
    this.#notices = [];
    this.changed();
  }

  /** The log is another one (restored, or another person's): nothing that was heard holds. */
  forget(): void {
    this.#gone = undefined;
    this.#info = undefined;
    this.#forgetLog();
    this.changed();
  }

  changed(): void {
    this.#view.changed();
  }

  /** What describes the room as of an earlier event than what is known says nothing new: answers and events overtake each other. */
  #describe(room: Room): void {
    if (this.#info === undefined || room.lastSeq >= this.#info.lastSeq) this.#info = room;
  }

  #forgetLog(): void {
    this.#life += 1;
    this.#cursor = undefined;
    this.#synced = false;
    this.#asking = false;
    this.#hasPage = false;
    this.#unread = new UnreadCount();
    this.#marker.forget();
    this.#notices = [];
    this.#focus = null;
    this.#setTimeline(this.isOpen ? this.#emptyTimeline(0) : undefined);
  }

  #reset(page: HistoryPage, asOf: number, since: number | undefined): void {
    const before = this.#cursor;
    const seqBefore = before?.seq;
    // A log that ends before what was seen of it is not the same log.
    if (before === undefined || (since !== undefined && asOf < since)) {
      this.#cursor = new LogCursor(asOf);
      this.#unread.follow(asOf);
      if (this.isLoaded) this.#setTimeline(this.#emptyTimeline(asOf));
    } else if (asOf > before.seq) {
      this.#timeline?.skip(before.seq + 1, asOf);
      before.jump(asOf);
      this.#unread.follow(asOf);
    }
    this.#timeline?.learn(page.messages, beginningOf(page, asOf + 1), asOf);
    this.#hasPage = this.#timeline !== undefined;
    this.#learned();
    if (this.seq !== seqBefore) this.#host.applied({ on: "client.reset", room: this.id, seq: asOf, page });
    this.#host.reached(this.id, this.#cursor?.seq ?? asOf);
  }

  /** An answer may come without the newest messages, when it would have been too long: then they are asked for. */
  #healEnd(asOf: number): void {
    const timeline = this.#timeline;
    if (timeline === undefined || !this.isOpen || timeline.knows(asOf)) return;
    const gap: GapItem = { kind: "gap", key: `end:${asOf}`, after: 0, before: asOf + 1 };
    // Where it fails, the gap stays to be seen, and the person or the next connection asks again.
    this.loadGap(gap, "below").catch(() => {});
  }

  #drain(): void {
    const cursor = this.#cursor;
    if (cursor === undefined) return;
    let applied = false;
    for (let event = cursor.take(); event !== undefined; event = cursor.take()) {
      this.#apply(event);
      applied = true;
    }
    if (applied) {
      this.#host.reached(this.id, cursor.seq);
      this.#timelineChanged();
      this.#unreadChanged();
    }
    if (cursor.behind) this.#host.behind(this);
  }

  #apply(event: LogEvent): void {
    switch (event.on) {
      case "message.posted":
        this.#timeline?.append(event.message);
        if (!this.#host.isOwn(event.message)) this.#unread.add(event.seq);
        break;
      case "room.changed":
        if (this.#info !== undefined && event.seq > this.#info.lastSeq) {
          this.#info = { ...this.#info, ...event.changes, lastSeq: event.seq };
          this.#host.listed(this.id, event.changes);
        }
        break;
      case "room.created":
        break;
      default:
        // A newer server's log: its place counts, its meaning is for newer clients.
        event satisfies never;
    }
    this.#host.applied(event);
  }

  /** Messages were loaded: what is known of them can be counted. */
  #learned(): void {
    const timeline = this.#timeline;
    if (timeline !== undefined && timeline.completeAfter < this.#unread.knownFrom) {
      this.#unread.extend(timeline.completeAfter, timeline.othersComplete);
      this.#unreadChanged();
    }
    this.#timelineChanged();
  }

  #timelineChanged(): void {
    this.#timeline?.trim(this.#host.maxMessages, this.#focus);
    this.#items = undefined;
    this.changed();
    this.#host.keep(this);
  }

  #setTimeline(timeline: Timeline | undefined): void {
    this.#timeline = timeline;
    this.#items = undefined;
    this.#pages.abandon();
  }

  #unreadChanged(): void {
    const { unread, mentions } = this.#unread;
    this.#host.listed(this.id, { ...this.#info, unread, mentions, lastSeq: this.#cursor?.seq ?? 0 });
    this.#host.keep(this);
    this.changed();
  }

  #emptyTimeline(seq: number): Timeline {
    return new Timeline(seq, (message) => this.#host.isOwn(message));
  }

  #refusal(): CommandError {
    const error = this.#gone?.error ?? { code: "ROOM_INVALID", message: "This room is not there any more." };
    return new CommandError("room.join", error);
  }

  #snapshot(): RoomSnapshot {
    this.#items ??= this.#timeline?.items() ?? [];
    const pending = this.#host.unsent(this.id).map((message) => this.#pendingItem(message));
    return {
      id: this.id,
      status: this.#status(),
      error: this.#gone?.error ?? null,
      room: this.#info,
      items: pending.length === 0 ? this.#items : [...this.#items, ...pending],
      hasBefore: this.#timeline?.hasBefore ?? false,
      loadingBefore: this.#pages.loadingBefore,
      lastSeq: this.#cursor?.seq ?? 0,
      readSeq: this.#unread.readSeq,
      unread: this.#unread.unread,
      mentions: this.#unread.mentions,
      notices: this.#notices,
    };
  }

  #pendingItem(pending: OutboxMessage): TimelineItem {
    let item = this.#pendingItems.get(pending);
    if (item === undefined) {
      item = { kind: "pending", key: pending.clientId, pending };
      this.#pendingItems.set(pending, item);
    }
    return item;
  }

  #status(): RoomStatus {
    if (this.#gone !== undefined) return "gone";
    if (this.#timeline === undefined) return "cold";
    if (!this.#hasPage) return "loading";
    return this.#synced && !this.#asking ? "live" : "stale";
  }

  /** This room, as the loading of pages sees it. */
  #pagedRoom(): PagedRoom {
    const room = this;
    const { clock, replyTimeout, pageSize } = this.#host;
    return {
      clock,
      patience: replyTimeout,
      get isOpen() {
        return room.isOpen;
      },
      get isPaged() {
        return room.#hasPage;
      },
      get refusal() {
        return room.#gone === undefined ? undefined : room.#refusal();
      },
      get timeline() {
        return room.#timeline;
      },
      get end() {
        return room.#cursor?.seq ?? 0;
      },
      history: (where) => this.#host.request("history.page", { room: this.id, limit: pageSize, ...where }),
      look: this.lookAt,
      learned: () => this.#learned(),
      changed: () => this.changed(),
    };
  }

  #markerHost(): ReadMarkerHost {
    const room = this;
    return {
      clock: this.#host.clock,
      get isSeated() {
        return room.#synced;
      },
      tell: (seq) => this.#host.request("room.read", { room: this.id, seq }),
      told: (state) => {
        this.#unread.hear(state, this.#cursor?.seq ?? 0);
        this.#unreadChanged();
      },
    };
  }
}
