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
import type { SendOptions, SentMessage } from "../model/outbox-message.ts";
import type { GapItem, RoomNotice, RoomSnapshot, RoomStatus } from "../model/room-snapshot.ts";
import type { RoomStore } from "../model/room-store.ts";
import type { PersistedRoom } from "../storage/persisted-state.ts";
import { RoomLists } from "./lists/room-lists.ts";
import { type Membership, NO_MEMBERSHIP, OwnMembership } from "./own-membership.ts";
import { ReadTracker } from "./reading/read-tracker.ts";
import type { ReadState } from "./reading/unread-counter.ts";
import type { RoomContext } from "./room-context.ts";
import { RoomNotices } from "./room-notices.ts";
import { RoomScope } from "./room-scope.ts";
import { RoomContent } from "./timeline/room-content.ts";
import { Typing } from "./typing.ts";

/** What the server's list says beside the room itself. */
export interface ListedState {
  readonly counts?: Pick<ReadState, "unread" | "mentions">;
  readonly membership?: Membership | undefined;
}

/** One room: follows the room's log, and passes each event to the parts that show it. */
export class Room implements RoomStore {
  readonly id: string;
  readonly #scope: RoomScope;
  readonly #store: ComputedStore<RoomSnapshot>;
  readonly #reading: ReadTracker;
  readonly #content: RoomContent;
  readonly #lists: RoomLists;
  readonly #typing: Typing;
  readonly #notices: RoomNotices;
  #membership = new OwnMembership();
  #info: RoomInfo | undefined;
  #accessGeneration = 0;

  constructor(id: string, context: RoomContext) {
    this.id = id;
    this.#scope = new RoomScope(id, context);
    this.#store = new ComputedStore<RoomSnapshot>(context.batch, () => this.#snapshot());
    this.#reading = new ReadTracker(this.#scope);
    this.#content = new RoomContent(this.#scope, this.#reading);
    this.#lists = new RoomLists(this.#scope, this.#content);
    this.#typing = new Typing(this.#scope);
    this.#notices = new RoomNotices(context.clock);
    this.#scope.changed.subscribe(() => this.invalidate());
    this.#scope.listingChanged.subscribe(() => this.#listingChanged());
    this.#scope.contentChanged.subscribe(() => this.save());
  }

  get get() {
    return this.#store.get;
  }

  get subscribe() {
    return this.#store.subscribe;
  }

  get members() {
    return this.#lists.members;
  }

  get bans() {
    return this.#lists.bans;
  }

  get pins() {
    return this.#lists.pins;
  }

  readonly open = (): (() => void) => {
    this.#scope.openCount += 1;
    if (this.#scope.openCount === 1) {
      this.#content.open();
      this.#scope.context.roomSignals.opened.emit(this.id);
      if (this.isJoined) this.#content.repair();
      this.invalidate();
    }
    let isClosed = false;
    return () => {
      if (isClosed) return;
      isClosed = true;
      this.#scope.openCount -= 1;
      if (this.#scope.openCount === 0) this.#scope.context.roomSignals.closed.emit(this.id);
    };
  };

  readonly send = (body: string, options: SendOptions = {}): SentMessage => {
    const sent = this.#scope.context.outbox.add(this.id, body, options);
    this.#typing.messageSent();
    return sent;
  };

  readonly edit = (messageId: string, body: string): Promise<Message> => this.#content.changes.edit(messageId, body);

  readonly remove = (messageId: string): Promise<void> => this.#content.changes.remove(messageId);

  readonly react = (messageId: string, emoji: string, options: { readonly added: boolean }): Promise<void> =>
    this.#content.changes.react(messageId, emoji, options);

  readonly pin = (messageId: string, options: { readonly pinned: boolean }): Promise<void> =>
    this.#content.changes.pin(messageId, options);

  readonly typing = (): void => this.#typing.start();

  readonly stopTyping = (): void => this.#typing.stop();

  readonly loadBefore = (): Promise<void> => this.#content.history.loadBefore();

  readonly loadAround = (seq: number): Promise<void> => this.#content.history.loadAround(seq);

  readonly loadGap = (gap: GapItem, from: "above" | "below" = "above"): Promise<void> =>
    this.#content.history.loadGap(gap, from);

  readonly setViewedSeq = (seq: number | null): void => this.#content.setViewedSeq(seq);

  readonly markRead = (seq: number): void => {
    if (seq >= (this.seq ?? 0)) this.setViewedSeq(null);
    this.#reading.markRead(seq);
  };

  // For the synchronization with the server.

  get isOpen(): boolean {
    return this.#scope.isOpen;
  }

  /** Whether anything is known of the room. */
  get isKnown(): boolean {
    return this.#info !== undefined || this.seq !== undefined;
  }

  /** Whether the room is open and its first page has not been loaded. */
  get needsPage(): boolean {
    return this.isOpen && !this.#content.hasFirstPage;
  }

  /** Whether the connection has joined the room, so that events are applied as they arrive. */
  get isJoined(): boolean {
    return this.#scope.log.isJoined;
  }

  /** Whether events of the log are missing. */
  get isBehind(): boolean {
    return this.#scope.log.isBehind;
  }

  /** The last seq that was applied; undefined when the log is not known. */
  get seq(): number | undefined {
    return this.#scope.log.seq;
  }

  /** Increases when the log is forgotten: an answer to an older request does not apply any more. */
  get logGeneration(): number {
    return this.#scope.log.generation;
  }

  /** Increases when the room is lost: an older answer does not say whether the user has access. */
  get accessGeneration(): number {
    return this.#accessGeneration;
  }

  /** Follows the log after the listed seq, without loading anything. */
  followFrom(entry: RoomListEntry): void {
    this.#scope.gone = undefined;
    this.#info = entry;
    this.#membership.set(entry, entry.lastSeq);
    if (this.seq !== undefined) return;
    this.#scope.log.beginAt(entry.lastSeq);
    this.#reading.beginAt(entry.lastSeq);
    this.#content.beginAt(entry.lastSeq);
    this.#emitReset(entry.lastSeq, null);
    this.invalidate();
  }

  restore(persisted: PersistedRoom): void {
    if (this.seq !== undefined) return;
    this.#info = persisted.room;
    this.#scope.log.beginAt(persisted.seq);
    this.#reading.restore(persisted.state, persisted.seq);
    this.#membership.set(persisted.state, persisted.seq);
    this.#content.restore(persisted);
  }

  /** A join was sent. The events applied until its answer are recorded, because the answer can be older. */
  joinRequested(): void {
    if (this.#scope.log.beginJoin()) this.invalidate();
  }

  /** Applies the answer to a join that was sent with the seq `since`. */
  applyJoin(answer: JoinedRoom, since: number | undefined): void {
    this.#catchUp(answer, since, this.#scope.log.endJoin());
  }

  /** Applies the answer to a resume. Nothing was applied since it was sent; a pending join stays pending. */
  applyResume(answer: JoinedRoom, since: number | undefined): void {
    this.#catchUp(answer, since, []);
  }

  /** The room does not exist for the user. `error` is what the server said; null where the room was taken away. */
  markGone(error: WireError | null): void {
    this.#scope.gone = { error };
    this.#accessGeneration += 1;
    this.#info = undefined;
    this.#scope.log.markDisconnected();
    this.#forgetLog();
    this.#scope.context.signals.roomLost.emit(this.id);
    const { refusal } = this.#scope;
    if (refusal !== undefined) this.#content.history.roomRefused(refusal);
    this.invalidate();
  }

  /** Takes an event of the room's log, and applies it when its turn has come. */
  receive(event: LogEvent): void {
    this.#scope.log.offer(event);
    if (this.isJoined) this.#applyEvents();
  }

  /** Applies the message of a reply as the event in the log would, unless the log has it. */
  applyPosted(message: Message): void {
    if (!this.isJoined || (this.seq ?? 0) >= message.seq) return;
    this.receive({ on: "message.posted", room: this.id, seq: message.seq, message });
  }

  /** Applies a description of the room by the server. */
  applyDescription(room: RoomInfo, { counts, membership }: ListedState): void {
    this.#describe(room);
    if (membership !== undefined) this.#membership.set(membership, room.lastSeq);
    // As of the same seq the counts must be equal; otherwise a move of the marker on another device was missed.
    const { unread, mentions } = this.#reading.state;
    const isSameSeq = this.isJoined && room.lastSeq === this.seq;
    if (isSameSeq && counts !== undefined && (counts.unread !== unread || counts.mentions !== mentions)) {
      this.#requestCounts();
    }
    this.#scope.log.noteSeq(room.lastSeq);
    if (!this.isJoined) {
      this.invalidate();
      return;
    }
    if (this.isBehind) this.#scope.context.roomSignals.eventsMissing.emit(this.id);
    this.#listingChanged();
  }

  /** The read marker was moved, on this or another device. */
  markerMoved(state: ReadState): void {
    this.#reading.markerMoved(state);
  }

  addNotice(kind: RoomNotice["kind"], user: RoomNotice["user"]): void {
    if (!this.#content.isLoaded) return;
    this.#notices.add(kind, user, this.seq ?? 0);
    this.invalidate();
  }

  typingStarted(user: RoomNotice["user"]): void {
    if (this.isOpen && this.isJoined && user.id !== this.#scope.context.session.userId) this.#typing.add(user);
  }

  typingStopped(user: RoomNotice["user"]): void {
    this.#typing.delete(user.id);
  }

  markDisconnected(): void {
    this.#scope.log.markDisconnected();
    this.#typing.clear();
    this.#lists.markDisconnected();
    this.invalidate();
  }

  /** Drops the messages of a room that was closed a while ago. Its log is followed all the same. */
  unload(): void {
    this.#notices.clear();
    this.#typing.clear();
    this.#content.unload();
    this.invalidate();
  }

  /** Forgets everything, because the server's log was replaced or the user changed. */
  forget(): void {
    this.#scope.gone = undefined;
    this.#info = undefined;
    this.#forgetLog();
    this.invalidate();
  }

  /** Returns what to persist; undefined when nothing is loaded. */
  persistedState(): PersistedRoom | undefined {
    const { seq } = this;
    const content = seq === undefined ? undefined : this.#content.persistedMessages(seq);
    if (this.#info === undefined || seq === undefined || content === undefined) return undefined;
    return { room: this.#info, seq, state: { ...this.#ownMembership, ...this.#reading.state }, ...content };
  }

  /** Persists the room soon. */
  save(): void {
    this.#scope.context.persister?.saveRoom(this.id, () => this.persistedState());
  }

  /** The snapshot has changed. */
  invalidate(): void {
    this.#store.invalidate();
  }

  /** @param events the events applied since the answer was requested; undefined when they are not known */
  #catchUp(answer: JoinedRoom, since: number | undefined, events: readonly LogEvent[] | undefined): void {
    const { lastSeq } = answer.room;
    const { log } = this.#scope;
    this.#scope.gone = undefined;
    // A log that ends before what was read of it is another log.
    const isOtherLog = since !== undefined && lastSeq < since;
    if (isOtherLog) this.#info = undefined;
    this.#describe(answer.room);
    if (answer.reset) this.#reset(answer.page, lastSeq, { isOtherLog, events });
    log.markJoined(answer.reset ? [] : answer.events, lastSeq);
    this.#membership.set(answer.state, lastSeq);
    const areCountsCertain = this.#reading.applyServerCounts(answer.state, lastSeq);
    this.#applyEvents();
    if (!areCountsCertain) this.#requestCounts();
    this.#listingChanged();
    this.#reading.confirmMarker(answer.state.readSeq);
    if (this.#content.hasFirstPage) this.#content.history.firstPageArrived();
    this.invalidate();
    this.#content.repair();
    this.#lists.roomCaughtUp();
    this.#scope.context.signals.roomSubscribed.emit(this.id);
  }

  /** Continues after `lastSeq` with the latest page, because too much was missed to replay it. */
  #reset(
    page: HistoryPage,
    lastSeq: number,
    { isOtherLog, events }: { readonly isOtherLog: boolean; readonly events: readonly LogEvent[] | undefined },
  ): void {
    const { log } = this.#scope;
    const previousSeq = this.seq;
    let eventsSincePage = events;
    if (previousSeq === undefined || isOtherLog) {
      log.beginAt(lastSeq);
      this.#reading.beginAt(lastSeq);
      this.#content.changes.clear();
      this.#content.beginAt(lastSeq);
      this.#lists.logSkipped();
    } else if (lastSeq > previousSeq) {
      this.#content.skip(previousSeq + 1, lastSeq);
      log.skipTo(lastSeq);
      this.#reading.beginAt(lastSeq);
      this.#lists.logSkipped();
      // The page is newer than all events that were applied.
      eventsSincePage = [];
    }
    // A page that cannot be made current is not used: its messages stay a gap.
    this.#content.insertLatestPage(page, lastSeq, eventsSincePage);
    this.#content.changes.removeApplied(this.seq);
    if (this.seq !== previousSeq) this.#emitReset(lastSeq, page);
  }

  #emitReset(seq: number, page: HistoryPage | null): void {
    this.#scope.context.signals.eventApplied.emit({ on: "client.reset", room: this.id, seq, page });
  }

  #applyEvents(): void {
    const { log } = this.#scope;
    let hasApplied = false;
    for (let event = log.take(); event !== undefined; event = log.take()) {
      this.#apply(event);
      hasApplied = true;
    }
    if (hasApplied) {
      this.#content.logApplied(log.seq ?? 0);
      this.#listingChanged();
    }
    if (this.isBehind) this.#scope.context.roomSignals.eventsMissing.emit(this.id);
  }

  #apply(event: LogEvent): void {
    switch (event.on) {
      case "message.posted":
        this.#content.append(event.message);
        if (event.message.author !== null) this.#typing.delete(event.message.author.id);
        this.#reading.messagePosted(event.message);
        break;
      case "message.edited":
      case "message.deleted":
      case "message.pinned":
      case "message.unpinned":
      case "reaction.added":
      case "reaction.removed":
        this.#reading.messageChanging(event, this.#content.timeline);
        this.#content.applyChange(event);
        break;
      case "room.changed":
        this.#applyRoomChange(event);
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
        // An event of a newer server: it has its seq, and this client does not show it.
        event satisfies never;
    }
    this.#membership.apply(event, this.#scope.context.session.userId);
    this.#lists.apply(event);
    this.#scope.context.signals.eventApplied.emit(event);
  }

  #applyRoomChange(event: Extract<LogEvent, { on: "room.changed" }>): void {
    // An event without changes stands for something that this server cannot describe.
    if (Object.keys(event.changes).length > 0) this.#content.appendEvent(event);
    if (this.#info !== undefined && event.seq > this.#info.lastSeq) {
      this.#info = { ...this.#info, ...event.changes, lastSeq: event.seq };
    }
  }

  /** Uses a description, unless a later one is known: answers and events can arrive in any order. */
  #describe(room: RoomInfo): void {
    if (this.#info === undefined || room.lastSeq >= this.#info.lastSeq) this.#info = room;
  }

  #forgetLog(): void {
    this.#scope.log.forget();
    this.#reading.forget();
    this.#membership = new OwnMembership();
    this.#notices.clear();
    this.#typing.clear();
    this.#content.forget();
    this.#lists.clear();
  }

  #requestCounts(): void {
    this.#scope.context.roomSignals.countsUncertain.emit(this.id);
  }

  /** What the room list shows of the room may have changed. */
  #listingChanged(): void {
    const { directory, persister } = this.#scope.context;
    const { unread, mentions } = this.#reading.state;
    const lastSeq = this.seq ?? 0;
    directory.update(this.id, { ...this.#info, ...this.#membership.current, unread, mentions, lastSeq });
    persister?.saveClient();
    this.save();
    this.invalidate();
  }

  get #ownMembership(): Membership {
    return this.#membership.current ?? NO_MEMBERSHIP;
  }

  #snapshot(): RoomSnapshot {
    return {
      id: this.id,
      status: this.#status,
      error: this.#scope.gone?.error ?? null,
      room: this.#info,
      items: this.#content.items(this.#scope.context.outbox.ofRoom(this.id)),
      hasBefore: this.#content.hasBefore,
      loadingBefore: this.#content.history.isLoadingBefore,
      lastSeq: this.seq ?? 0,
      ...this.#reading.state,
      ...this.#ownMembership,
      typing: this.#typing.others,
      notices: this.#notices.all,
    };
  }

  get #status(): RoomStatus {
    if (this.#scope.gone !== undefined) return "gone";
    if (!this.#content.isLoaded) return "cold";
    if (!this.#content.hasFirstPage) return "loading";
    return this.isJoined && !this.#scope.log.isJoinPending ? "live" : "stale";
  }
}
