import type {
  Author,
  JoinedRoom,
  LogEvent,
  Message,
  Room as RoomInfo,
  RoomListEntry,
  WireError,
} from "@multichat/protocol";
import type { TaskAddress } from "@multichat/protocol/markup";
import { ComputedStore } from "../core/computed-store.ts";
import type { SendOptions, SentMessage } from "../model/outbox-message.ts";
import type { GapItem, RoomNotice, RoomSnapshot, RoomStatus } from "../model/room-snapshot.ts";
import type { RoomStore } from "../model/room-store.ts";
import type { PersistedRoom } from "../storage/persisted-state.ts";
import { RoomLists } from "./lists/room-lists.ts";
import { LogFollower } from "./log-follower.ts";
import { ReadTracker } from "./reading/read-tracker.ts";
import type { ReadState } from "./reading/unread-counter.ts";
import type { RoomContext } from "./room-context.ts";
import { type Membership, RoomDetails } from "./room-details.ts";
import { RoomNotices } from "./room-notices.ts";
import { RoomScope } from "./room-scope.ts";
import { RoomContent } from "./timeline/room-content.ts";
import { Typing } from "./typing.ts";

/** What the server's list says beside the room itself. */
export interface ListedState {
  readonly counts?: Pick<ReadState, "unread" | "mentions">;
  readonly membership?: Membership | undefined;
}

/** Who entered and left; `count` is undefined where an older server does not say it. */
export interface OccupantsChange {
  readonly count?: number | undefined;
  readonly entered?: readonly Author[] | undefined;
  readonly exited?: readonly Author[] | undefined;
}

/** One room: what a UI sees of it, and what the synchronization with the server does to it. */
export class Room implements RoomStore {
  readonly id: string;
  readonly #scope: RoomScope;
  readonly #store: ComputedStore<RoomSnapshot>;
  readonly #reading: ReadTracker;
  readonly #content: RoomContent;
  readonly #lists: RoomLists;
  readonly #typing: Typing;
  readonly #notices: RoomNotices;
  readonly #details = new RoomDetails();
  readonly #follower: LogFollower;
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
    this.#follower = new LogFollower({
      scope: this.#scope,
      details: this.#details,
      reading: this.#reading,
      content: this.#content,
      lists: this.#lists,
      typing: this.#typing,
    });
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

  readonly setTask = (message: Message, task: TaskAddress, options: { readonly isDone: boolean }): Promise<Message> =>
    this.#content.changes.setTask(message, task, options);

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

  readonly markUnread = (seq: number): void => this.#reading.markUnread(seq);

  // For the synchronization with the server.

  get isOpen(): boolean {
    return this.#scope.isOpen;
  }

  /** Whether anything is known of the room. */
  get isKnown(): boolean {
    return this.#details.info !== undefined || this.seq !== undefined;
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
    this.#follower.followFrom(entry);
  }

  restore(persisted: PersistedRoom): void {
    if (this.seq !== undefined) return;
    this.#details.describe(persisted.room);
    this.#scope.log.beginAt(persisted.seq);
    this.#reading.restore(persisted.state, persisted.seq);
    this.#details.setMembership(persisted.state, persisted.seq);
    this.#content.restore(persisted);
  }

  /** A join was sent. The events applied until its answer are recorded, because the answer can be older. */
  joinRequested(): void {
    if (this.#scope.log.beginJoin()) this.invalidate();
  }

  /** Applies the answer to a join that was sent with the seq `since`. */
  applyJoin(answer: JoinedRoom, since: number | undefined): void {
    this.#notices.setOccupants(answer.occupants);
    this.#follower.applyJoin(answer, since);
  }

  /** Applies the answer to a resume that was sent with the seq `since`. */
  applyResume(answer: JoinedRoom, since: number | undefined): void {
    this.#notices.setOccupants(answer.occupants);
    this.#follower.applyResume(answer, since);
  }

  /** The room does not exist for the user. `error` is what the server said; null where the room was taken away. */
  markGone(error: WireError | null): void {
    this.#scope.gone = { error };
    this.#accessGeneration += 1;
    this.#scope.log.markDisconnected();
    this.#forgetLog();
    this.#scope.context.signals.roomLost.emit(this.id);
    const { refusal } = this.#scope;
    if (refusal !== undefined) this.#content.history.roomRefused(refusal);
    this.invalidate();
  }

  /** Takes an event of the room's log, and applies it when its turn has come. */
  receive(event: LogEvent): void {
    this.#follower.receive(event);
  }

  /** The server has replied with the user's posted message. */
  applyPosted(message: Message): void {
    this.#follower.applyPosted(message);
  }

  /** Applies a description of the room by the server. */
  applyDescription(room: RoomInfo, { counts, membership }: ListedState): void {
    this.#details.describe(room);
    if (membership !== undefined) this.#details.setMembership(membership, room.lastSeq);
    // As of the same seq the counts must be equal; otherwise a move of the marker on another device was missed.
    const { unread, mentions } = this.#reading.state;
    const isSameSeq = this.isJoined && room.lastSeq === this.seq;
    if (isSameSeq && counts !== undefined && (counts.unread !== unread || counts.mentions !== mentions)) {
      this.#scope.context.roomSignals.countsUncertain.emit(this.id);
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

  /** Users entered and left the room, of whom the server may name some. */
  occupantsChanged({ count, entered = [], exited = [] }: OccupantsChange): void {
    this.#notices.setOccupants(count);
    if (this.#content.isLoaded) {
      const { userId } = this.#scope.context.session;
      for (const user of exited) this.#notices.add("left", user, this.seq ?? 0);
      // The user needs no notice of their own entry.
      for (const user of entered) if (user.id !== userId) this.#notices.add("entered", user, this.seq ?? 0);
    }
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
    this.#forgetLog();
    this.invalidate();
  }

  /** Returns what to persist; undefined when nothing is loaded. */
  persistedState(): PersistedRoom | undefined {
    const { seq } = this;
    const content = seq === undefined ? undefined : this.#content.persistedMessages(seq);
    const { info: room, membership } = this.#details;
    if (room === undefined || seq === undefined || content === undefined) return undefined;
    return { room, seq, state: { ...membership, ...this.#reading.state }, ...content };
  }

  /** Persists the room soon. */
  save(): void {
    this.#scope.context.persister?.saveRoom(this.id, () => this.persistedState());
  }

  /** The snapshot has changed. */
  invalidate(): void {
    this.#store.invalidate();
  }

  #forgetLog(): void {
    this.#scope.log.forget();
    this.#reading.forget();
    this.#details.forget();
    this.#notices.clear();
    this.#typing.clear();
    this.#content.forget();
    this.#lists.clear();
  }

  /** What the room list shows of the room may have changed. */
  #listingChanged(): void {
    const { directory, persister } = this.#scope.context;
    const { unread, mentions } = this.#reading.state;
    const lastSeq = this.seq ?? 0;
    const { info, knownMembership } = this.#details;
    directory.update(this.id, { ...info, ...knownMembership, unread, mentions, lastSeq });
    persister?.saveClient();
    this.save();
    this.invalidate();
  }

  #snapshot(): RoomSnapshot {
    return {
      id: this.id,
      status: this.#status,
      error: this.#scope.gone?.error ?? null,
      room: this.#details.info,
      items: this.#content.items(this.#scope.context.outbox.ofRoom(this.id)),
      hasBefore: this.#content.hasBefore,
      loadingBefore: this.#content.history.isLoadingBefore,
      lastSeq: this.seq ?? 0,
      ...this.#reading.state,
      ...this.#details.membership,
      typing: this.#typing.others,
      notices: this.#notices.all,
      occupants: this.isJoined ? this.#notices.occupants : null,
    };
  }

  get #status(): RoomStatus {
    if (this.#scope.gone !== undefined) return "gone";
    if (!this.#content.isLoaded) return "cold";
    if (!this.#content.hasFirstPage) return "loading";
    return this.isJoined && !this.#scope.log.isJoinPending ? "live" : "stale";
  }
}
