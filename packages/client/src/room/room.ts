import type {
  HistoryPage,
  JoinedRoom,
  LogEvent,
  Message,
  Room as RoomInfo,
  RoomListEntry,
  WireError,
} from "@multichat/protocol";
import { ComputedStore } from "../core/computed-store.ts";
import { CommandError } from "../model/errors.ts";
import type { GapItem, RoomNotice, RoomSnapshot, RoomStatus } from "../model/room-snapshot.ts";
import type { RoomStore, SendOptions, SentMessage } from "../model/room-store.ts";
import type { PersistedRoom } from "../storage/persisted-state.ts";
import { type ListedRoom, RoomLists } from "./lists/room-lists.ts";
import type { Recording } from "./log/event-recorder.ts";
import { RoomLog } from "./log/room-log.ts";
import { type Membership, OwnMembership } from "./own-membership.ts";
import { type ReadingHost, ReadTracker } from "./reading/read-tracker.ts";
import type { ReadState } from "./reading/unread-counter.ts";
import type { RoomHost } from "./room-host.ts";
import { RoomNotices } from "./room-notices.ts";
import { type ContentRoom, RoomContent } from "./timeline/room-content.ts";
import type { Timeline } from "./timeline/timeline.ts";
import { Typing, type TypingHost } from "./typing.ts";

/** A room as the client tracks it: its place in the log, and what follows the log from there. */
export class Room implements RoomStore, ContentRoom, ListedRoom {
  readonly id: string;
  readonly #host: RoomHost<Room>;
  readonly #view: ComputedStore<RoomSnapshot>;
  #info: RoomInfo | undefined;
  readonly #log = new RoomLog();
  readonly #content: RoomContent;
  #gone: { readonly error: WireError | null } | undefined;
  #losses = 0;
  readonly #reading: ReadTracker;
  #membership = new OwnMembership();
  readonly #notices: RoomNotices;
  readonly #typing: Typing;
  readonly #lists: RoomLists;
  #readers = 0;

  constructor(id: string, host: RoomHost<Room>) {
    this.id = id;
    this.#host = host;
    this.#view = new ComputedStore<RoomSnapshot>(host.turn, () => this.#snapshot());
    this.#content = new RoomContent(this, host);
    this.#reading = new ReadTracker(this.#readingHost());
    this.#notices = new RoomNotices(host.clock);
    this.#typing = new Typing(this.#typingHost());
    this.#lists = new RoomLists(this, host);
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

  /** Anything is known of it. */
  get isKnown(): boolean {
    return this.#info !== undefined || this.seq !== undefined;
  }

  get isLoaded(): boolean {
    return this.#content.isLoaded;
  }

  get needsPage(): boolean {
    return this.isOpen && !this.#content.hasPage;
  }

  get isSynced(): boolean {
    return this.#log.isSynced;
  }

  get isBehind(): boolean {
    return this.#log.isBehind;
  }

  get life(): number {
    return this.#log.life;
  }

  /** How often the room was taken away: an answer from before the last time says nothing about who may see it. */
  get losses(): number {
    return this.#losses;
  }

  /** The last seq that was applied; undefined when the log was never heard. */
  get seq(): number | undefined {
    return this.#log.seq;
  }

  readonly open = (): (() => void) => {
    this.#readers += 1;
    if (this.#readers === 1) {
      this.#content.open();
      this.#host.opened(this);
      if (this.isSynced) this.#content.heal();
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

  readonly send = (body: string, options: SendOptions = {}): SentMessage => {
    const sent = this.#host.send(this.id, body, options);
    this.#typing.sent();
    return sent;
  };

  readonly edit = (messageId: string, body: string): Promise<Message> => this.#content.changes.edit(messageId, body);

  readonly remove = (messageId: string): Promise<void> => this.#content.changes.remove(messageId);

  readonly react = (messageId: string, emoji: string, options: { readonly added: boolean }): Promise<void> =>
    this.#content.changes.react(messageId, emoji, options);

  readonly pin = (messageId: string, options: { readonly pinned: boolean }): Promise<void> =>
    this.#content.changes.pin(messageId, options);

  readonly typing = (): void => this.#typing.write();

  readonly stopTyping = (): void => this.#typing.rest();

  readonly loadBefore = (): Promise<void> => this.#content.pages.before();

  readonly loadAround = (seq: number): Promise<void> => this.#content.pages.around(seq);

  readonly loadGap = (gap: GapItem, from: "above" | "below" = "above"): Promise<void> =>
    this.#content.pages.gap(gap, from);

  readonly setViewedSeq = (seq: number | null): void => this.#content.lookAt(seq);

  readonly markRead = (seq: number): void => {
    if (seq >= (this.seq ?? 0)) this.setViewedSeq(null);
    this.#reading.mark(seq);
  };

  get members() {
    return this.#lists.members;
  }

  get bans() {
    return this.#lists.bans;
  }

  get pins() {
    return this.#lists.pins;
  }

  // What the synchroniser tells.

  /** The log is to be followed from here on, without loading anything. */
  follow(entry: RoomListEntry): void {
    this.#gone = undefined;
    this.#info = entry;
    this.#membership.hear(entry, entry.lastSeq);
    if (this.seq !== undefined) return;
    this.#log.begin(entry.lastSeq);
    this.#reading.follow(entry.lastSeq);
    this.#content.begin(entry.lastSeq);
    this.#host.applied({ on: "client.reset", room: this.id, seq: entry.lastSeq, page: null });
    this.changed();
  }

  restore(kept: PersistedRoom): void {
    if (this.seq !== undefined) return;
    this.#info = kept.room;
    this.#log.begin(kept.seq);
    this.#reading.restore(kept.state, kept.seq);
    this.#membership.hear(kept.state, kept.seq);
    this.#content.restore(kept);
  }

  /** What is worth keeping; undefined when nothing of the room is loaded. */
  kept(): PersistedRoom | undefined {
    const { seq } = this;
    const content = seq === undefined ? undefined : this.#content.kept(seq);
    if (this.#info === undefined || seq === undefined || content === undefined) return undefined;
    const { role, mutedUntil } = this.#membership.current ?? { role: null, mutedUntil: null };
    return { room: this.#info, seq, state: { role, mutedUntil, ...this.#reading.state }, ...content };
  }

  /** The answer to a join, which `asking` told of. `since`: the seq that was asked with. */
  joined(answer: JoinedRoom, since: number | undefined): void {
    this.#caughtUp(answer, since, this.#log.answered());
  }

  /** The answer to a resume: until it comes nothing is applied, and a join that is on its way beside it stays so. */
  resumed(answer: JoinedRoom, since: number | undefined): void {
    this.#caughtUp(answer, since, []);
  }

  /** The server does not let this person in (any more); `error`: what it said, null where the room was taken away. */
  refused(error: WireError | null): void {
    this.#gone = { error };
    this.#losses += 1;
    this.#info = undefined;
    this.#log.disconnected();
    this.#forgetLog();
    this.#host.lost(this.id);
    this.#content.pages.refused(this.#refusal());
    this.changed();
  }

  event(event: LogEvent): void {
    this.#log.offer(event);
    if (this.isSynced) this.#drain();
  }

  /** The log is known to reach this far. */
  note(seq: number): void {
    this.#log.note(seq);
    if (this.isSynced && this.isBehind) this.#host.behind(this);
  }

  /** What the server says about the room, and in its list about what is unread there, and what one is in it. */
  described(
    room: RoomInfo,
    { counted, membership }: { counted?: UnreadCounts; membership?: Membership | undefined },
  ): void {
    this.#describe(room);
    if (membership !== undefined) this.#membership.hear(membership, room.lastSeq);
    // Of the same log as far as here: that the marker moved elsewhere was not heard.
    const { unread, mentions } = this.#reading.state;
    const isLevel = this.isSynced && room.lastSeq === this.seq;
    if (isLevel && counted !== undefined && (counted.unread !== unread || counted.mentions !== mentions)) {
      this.#host.recount(this);
    }
    this.note(room.lastSeq);
    if (this.isSynced) this.#listingChanged();
    else this.changed();
  }

  /** The read marker moved, here or on another device. */
  marked(state: ReadState): void {
    this.#reading.marked(state);
  }

  noticed(kind: RoomNotice["kind"], user: RoomNotice["user"]): void {
    if (!this.isLoaded) return;
    this.#notices.add(kind, user, this.seq ?? 0);
    this.changed();
  }

  /** Somebody began to write, or stopped. */
  typed(user: RoomNotice["user"], writing: boolean): void {
    if (!writing) this.#typing.stopped(user.id);
    else if (this.isOpen && this.isSynced && user.id !== this.#host.me()) this.#typing.started(user);
  }

  /** A join is on its way: what is applied until it is answered is remembered, for its answer may be older. */
  asking(): void {
    if (this.#log.asking()) this.changed();
  }

  disconnected(): void {
    this.#log.disconnected();
    this.#typing.forget();
    this.#lists.disconnected();
    this.changed();
  }

  /** Nobody has looked for a while: messages go, the place in the log stays. */
  evict(): void {
    this.#notices.clear();
    this.#typing.forget();
    this.#content.evict();
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

  // What its parts ask.

  get refusal(): CommandError | undefined {
    return this.#gone === undefined ? undefined : this.#refusal();
  }

  record(): Recording {
    return this.#log.record();
  }

  sureMessage(id: string): Message | undefined {
    return this.#content.timeline?.sureMessage(id);
  }

  learned(timeline: Timeline): void {
    this.#reading.learned(timeline);
  }

  keep(): void {
    this.#host.keep(this);
  }

  /** @param meanwhile what was applied since the answer was asked for; undefined where that cannot be told */
  #caughtUp(answer: JoinedRoom, since: number | undefined, meanwhile: readonly LogEvent[] | undefined): void {
    const asOf = answer.room.lastSeq;
    this.#gone = undefined;
    // A log that ends before what was seen of it is not the same log.
    const isOther = since !== undefined && asOf < since;
    if (isOther) this.#info = undefined;
    this.#describe(answer.room);
    if (answer.reset) this.#reset(answer.page, asOf, { isOther, meanwhile });
    this.#log.level(answer.reset ? [] : answer.events, asOf);
    this.#membership.hear(answer.state, asOf);
    const counted = this.#reading.hear(answer.state, asOf);
    this.#drain();
    if (!counted) this.#host.recount(this);
    this.#listingChanged();
    this.#reading.believed(answer.state.readSeq);
    if (this.#content.hasPage) this.#content.pages.arrived();
    this.changed();
    this.#content.heal();
    this.#lists.synced();
  }

  /** What describes the room as of an earlier event than what is known says nothing new: answers and events overtake each other. */
  #describe(room: RoomInfo): void {
    if (this.#info === undefined || room.lastSeq >= this.#info.lastSeq) this.#info = room;
  }

  #forgetLog(): void {
    this.#log.forget();
    this.#reading.forget();
    this.#membership = new OwnMembership();
    this.#notices.clear();
    this.#typing.forget();
    this.#content.forget();
    this.#lists.clear();
  }

  #reset(
    page: HistoryPage,
    asOf: number,
    { isOther, meanwhile }: { isOther: boolean; meanwhile: readonly LogEvent[] | undefined },
  ): void {
    const before = this.seq;
    let since = meanwhile;
    if (before === undefined || isOther) {
      this.#log.begin(asOf);
      this.#reading.follow(asOf);
      this.#content.changes.clear();
      this.#content.begin(asOf);
      this.#lists.skipped();
    } else if (asOf > before) {
      this.#content.skip(before + 1, asOf);
      this.#log.jump(asOf);
      this.#reading.follow(asOf);
      this.#lists.skipped();
      // The page is from after all of this.
      since = [];
    }
    // Of a page that cannot be brought level nothing is used: what it would have told stays a gap.
    this.#content.learn(page, asOf, since);
    this.#content.changes.reached(this.seq);
    if (this.seq !== before) this.#host.applied({ on: "client.reset", room: this.id, seq: asOf, page });
    this.#host.reached(this.id, this.seq ?? asOf);
  }

  #drain(): void {
    let applied = false;
    for (let event = this.#log.take(); event !== undefined; event = this.#log.take()) {
      this.#apply(event);
      applied = true;
    }
    const { seq } = this;
    if (applied && seq !== undefined) {
      this.#host.reached(this.id, seq);
      this.#content.applied(seq);
      this.#listingChanged();
    }
    if (this.isBehind) this.#host.behind(this);
  }

  #apply(event: LogEvent): void {
    switch (event.on) {
      case "message.posted":
        this.#posted(event.message);
        break;
      case "message.edited":
      case "message.deleted":
      case "message.pinned":
      case "message.unpinned":
      case "reaction.added":
      case "reaction.removed":
        this.#reading.changes(event, this.#content.timeline);
        this.#content.change(event);
        this.#host.requote(this.id, event);
        break;
      case "room.changed":
        this.#renamed(event);
        break;
      case "room.created":
      case "member.joined":
      case "member.left":
      case "member.removed":
        this.#content.appendEvent(event);
        break;
      case "member.changed":
        break;
      default:
        // A newer server's log: its place counts, its meaning is for newer clients.
        event satisfies never;
    }
    this.#membership.apply(event, this.#host.me());
    this.#lists.apply(event);
    this.#host.applied(event);
  }

  #posted(message: Message): void {
    this.#content.append(message);
    if (message.author !== null) this.#typing.stopped(message.author.id);
    this.#reading.posted(message);
  }

  #renamed(event: Extract<LogEvent, { on: "room.changed" }>): void {
    // Without changes: it stands for something that this server cannot tell.
    if (Object.keys(event.changes).length > 0) this.#content.appendEvent(event);
    if (this.#info !== undefined && event.seq > this.#info.lastSeq) {
      this.#info = { ...this.#info, ...event.changes, lastSeq: event.seq };
    }
  }

  /** What the list of rooms shows of this one changed, or may have. */
  #listingChanged(): void {
    const { unread, mentions } = this.#reading.state;
    const lastSeq = this.seq ?? 0;
    this.#host.listed(this.id, { ...this.#info, ...this.#membership.current, unread, mentions, lastSeq });
    this.keep();
    this.changed();
  }

  #refusal(): CommandError {
    const error = this.#gone?.error ?? { code: "ROOM_INVALID", message: "This room is not there any more." };
    return new CommandError("room.join", error);
  }

  #snapshot(): RoomSnapshot {
    const { role, mutedUntil } = this.#membership.current ?? { role: null, mutedUntil: null };
    return {
      id: this.id,
      status: this.#status(),
      error: this.#gone?.error ?? null,
      room: this.#info,
      items: this.#content.items(this.#host.unsent(this.id)),
      hasBefore: this.#content.hasBefore,
      loadingBefore: this.#content.pages.loadingBefore,
      lastSeq: this.seq ?? 0,
      ...this.#reading.state,
      role,
      mutedUntil,
      typing: this.#typing.others,
      notices: this.#notices.all,
    };
  }

  #status(): RoomStatus {
    if (this.#gone !== undefined) return "gone";
    if (!this.isLoaded) return "cold";
    if (!this.#content.hasPage) return "loading";
    return this.isSynced && !this.#log.isAsking ? "live" : "stale";
  }

  #readingHost(): ReadingHost {
    const room = this;
    return {
      clock: this.#host.clock,
      get isSeated() {
        return room.isSynced;
      },
      get end() {
        return room.seq ?? 0;
      },
      me: () => this.#host.me(),
      isOwn: (message) => this.#host.isOwn(message),
      tell: (seq) => this.#host.request("room.read", { room: this.id, seq }),
      recount: () => this.#host.recount(this),
      changed: () => this.#listingChanged(),
    };
  }

  #typingHost(): TypingHost {
    const room = this;
    return {
      clock: this.#host.clock,
      get isSeated() {
        return room.isSynced;
      },
      tell: (writing) => {
        // Refused or lost: nobody is told that one writes, and the next keystroke says it again.
        this.#host.request(writing ? "typing.start" : "typing.stop", { room: this.id }).catch(() => {});
      },
      changed: () => this.changed(),
    };
  }
}

type UnreadCounts = Pick<ReadState, "unread" | "mentions">;
