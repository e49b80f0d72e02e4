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
import { CommandError, ConnectionLost, ReplyTimeout } from "./errors.ts";
import type { KeptRoom } from "./kept-state.ts";
import { LogCursor } from "./log-cursor.ts";
import type { OutboxMessage } from "./outbox-message.ts";
import type { GapItem, RoomNotice, RoomSnapshot, RoomStatus, TimelineItem } from "./room-snapshot.ts";
import type { RoomStore, SentMessage } from "./room-store.ts";
import { Timeline } from "./timeline.ts";
import { UnreadCount } from "./unread-count.ts";
import { type Turn, View } from "./view.ts";

const MAX_NOTICES = 50;
/** Events that wait for the answer to a join, at most; the rest is asked for again. */
const MAX_EARLY = 1_000;
/** Milliseconds between two read markers of one room on the wire. */
const MARK_EVERY = 1_000;
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

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
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
  #paged = false;
  /** This connection has caught up with the log, and events apply as they come. */
  #synced = false;
  #asking = false;
  #life = 0;
  /** What came on this connection before the answer that says where it belongs. */
  #early: LogEvent[] = [];
  #gone: { readonly error: WireError | null } | undefined;
  #unread = new UnreadCount();
  #wantedMark = 0;
  #stopMarkTimer: (() => void) | undefined;
  #notices: readonly RoomNotice[] = [];
  #noticesSoFar = 0;
  #readers = 0;
  #focus: number | null = null;
  #loads = new Map<string, Promise<void>>();
  readonly #waiters = new Set<Waiter>();
  readonly #pendingItems = new WeakMap<OutboxMessage, TimelineItem>();

  constructor(id: string, host: RoomHost) {
    this.id = id;
    this.#host = host;
    this.#view = new View<RoomSnapshot>(host.turn, () => this.#snapshot());
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
    return this.isOpen && !this.#paged;
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

  readonly loadBefore = (): Promise<void> => this.#load("before", () => this.#loadBefore());

  readonly loadAround = (seq: number): Promise<void> => this.#load(`around:${seq}`, () => this.#loadAround(seq));

  readonly loadGap = (gap: GapItem, from: "above" | "below" = "above"): Promise<void> =>
    this.#load(`${gap.key}:${from}`, () => this.#loadGap(gap, from));

  readonly lookAt = (seq: number | null): void => {
    this.#focus = seq;
  };

  readonly markRead = (seq: number): void => {
    const end = this.#cursor?.seq ?? 0;
    if (seq >= end) this.#focus = null;
    if (!this.#unread.mark(Math.min(seq, end))) return;
    this.#wantedMark = this.#unread.readSeq;
    this.#unreadChanged();
    if (this.#stopMarkTimer === undefined) this.#sendMark();
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
    this.#paged = true;
    this.changed();
  }

  /** What is worth keeping; undefined when nothing of the room is loaded. */
  kept(): KeptRoom | undefined {
    const { readSeq, unread, mentions } = this.#unread;
    if (this.#info === undefined || this.#cursor === undefined || this.#timeline === undefined || !this.#paged) {
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
    if (this.#wantedMark > answer.state.readSeq) this.#sendMark();
    this.#release();
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
    for (const waiter of [...this.#waiters]) waiter.reject(this.#refusal());
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
    this.#paged = false;
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
    this.#paged = false;
    this.#unread = new UnreadCount();
    this.#wantedMark = 0;
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
    this.#timeline?.learn(page.messages, page.hasBefore ? (page.messages[0]?.seq ?? asOf + 1) : 1, asOf);
    this.#paged = this.#timeline !== undefined;
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
    this.#loads = new Map();
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

  /** One load of a kind at a time: a second call gets the first one's promise. */
  #load(key: string, load: () => Promise<void>): Promise<void> {
    const running = this.#loads.get(key);
    if (running !== undefined) return running;
    const loads = this.#loads;
    const promise = load().finally(() => {
      loads.delete(key);
      this.changed();
    });
    loads.set(key, promise);
    this.changed();
    return promise;
  }

  async #loadBefore(): Promise<void> {
    const timeline = await this.#pagedTimeline();
    if (!timeline.hasBefore) return;
    const before = timeline.knownFrom;
    const page = await this.#page({ before });
    if (timeline !== this.#timeline) return;
    this.#focus = timeline.oldestSeq ?? null;
    timeline.learn(page.messages, page.hasBefore ? (page.messages[0]?.seq ?? before) : 1, before - 1);
    this.#learned();
  }

  async #loadAround(seq: number): Promise<void> {
    const timeline = await this.#pagedTimeline();
    this.#focus = seq;
    if (timeline.knows(seq)) return;
    const end = this.#cursor?.seq ?? 0;
    const page = await this.#page({ around: seq });
    if (timeline !== this.#timeline) return;
    const first = page.messages[0]?.seq ?? seq;
    const last = page.messages.at(-1)?.seq ?? seq;
    timeline.learn(page.messages, page.hasBefore ? first : 1, this.#upTo(page.hasAfter ? last : Math.max(last, end)));
    this.#learned();
  }

  async #loadGap(gap: GapItem, from: "above" | "below"): Promise<void> {
    const timeline = await this.#pagedTimeline();
    const page = await this.#page(from === "above" ? { after: gap.after } : { before: gap.before });
    if (timeline !== this.#timeline) return;
    const { messages } = page;
    if (from === "above") {
      const last = page.hasAfter ? (messages.at(-1)?.seq ?? gap.after) : gap.before - 1;
      timeline.learn(messages, gap.after + 1, this.#upTo(Math.min(last, gap.before - 1)));
      this.#focus = gap.after;
    } else {
      timeline.learn(messages, page.hasBefore ? (messages[0]?.seq ?? gap.before) : 1, gap.before - 1);
      this.#focus = gap.before;
    }
    this.#learned();
  }

  #page(where: { before: number } | { after: number } | { around: number }): Promise<HistoryPage> {
    return this.#host.request("history.page", { room: this.id, limit: this.#host.pageSize, ...where });
  }

  /** What is beyond the cursor will come as events. */
  #upTo(seq: number): number {
    return Math.min(seq, this.#cursor?.seq ?? 0);
  }

  async #pagedTimeline(): Promise<Timeline> {
    if (!this.isOpen) throw new ConnectionLost("The room is not open; call open() before loading messages.");
    if (this.#gone !== undefined) throw this.#refusal();
    if (!this.#paged) await this.#firstPage();
    if (this.#timeline === undefined) throw new ConnectionLost("The room was closed while it was loading.");
    return this.#timeline;
  }

  #refusal(): CommandError {
    const error = this.#gone?.error ?? { code: "ROOM_INVALID", message: "This room is not there any more." };
    return new CommandError("room.join", error);
  }

  #firstPage(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { clock, replyTimeout } = this.#host;
      const settle = (end: () => void) => {
        this.#waiters.delete(waiter);
        stop();
        end();
      };
      const waiter: Waiter = {
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      };
      const stop = clock.after(replyTimeout, () =>
        waiter.reject(new ReplyTimeout(`The room's first page did not come within ${replyTimeout} ms.`)),
      );
      this.#waiters.add(waiter);
    });
  }

  #release(): void {
    if (this.#paged) for (const waiter of [...this.#waiters]) waiter.resolve();
  }

  #sendMark(): void {
    if (!this.#synced) return;
    const seq = this.#wantedMark;
    this.#stopMarkTimer?.();
    this.#stopMarkTimer = this.#host.clock.after(MARK_EVERY, () => {
      this.#stopMarkTimer = undefined;
      if (this.#wantedMark > seq) this.#sendMark();
    });
    this.#host.request("room.read", { room: this.id, seq }).then(
      (state) => {
        this.#unread.hear(state, this.#cursor?.seq ?? 0);
        this.#unreadChanged();
      },
      // Lost, or too much at once: the next mark, or the next join, brings it.
      () => {},
    );
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
      loadingBefore: this.#loads.has("before"),
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
    if (!this.#paged) return "loading";
    return this.#synced && !this.#asking ? "live" : "stale";
  }
}
