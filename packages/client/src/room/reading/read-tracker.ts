import type { Message } from "@multichat/protocol";
import { changedMessageId, type MessageChange } from "../../model/message-changes.ts";
import type { RoomScope } from "../room-scope.ts";
import type { Timeline } from "../timeline/timeline.ts";
import { ReadMarker } from "./read-marker.ts";
import { type MarkerPlace, type ReadState, UnreadCounter, type UnreadMessage } from "./unread-counter.ts";

/** How far the user has read in a room, locally and on the server, and how many messages are unread. */
export class ReadTracker {
  readonly #scope: RoomScope;
  readonly #marker: ReadMarker;
  #counter = new UnreadCounter();

  constructor(scope: RoomScope) {
    this.#scope = scope;
    this.#marker = new ReadMarker(scope);
    this.#marker.acknowledged.subscribe((state) => {
      this.#counter.moveTo(state);
      this.#serverCounted(state);
    });
  }

  get state(): ReadState {
    const { readSeq, readRevision, unread, mentions } = this.#counter;
    return { readSeq, ...(readRevision > 0 && { readRevision }), unread, mentions };
  }

  /** The user has read up to this seq. */
  markRead(seq: number): void {
    if (!this.#counter.markRead(Math.min(seq, this.#appliedSeq))) return;
    this.#scope.listingChanged.emit();
    this.#marker.move(this.#counter);
  }

  /** The message with this seq, and what follows it, is unread again. */
  markUnread(seq: number): void {
    if (!this.#counter.markUnread(Math.max(0, seq - 1))) return;
    this.#scope.listingChanged.emit();
    this.#marker.move(this.#counter);
  }

  /** The server reports that the marker was moved, on this or another device. */
  markerMoved(state: ReadState): void {
    if (this.#counter.moveTo(state)) this.#serverCounted(state);
  }

  /** The log is followed after this seq. */
  beginAt(seq: number): void {
    this.#counter.beginAt(seq);
  }

  /** Uses the persisted state, as of a seq. The server may not have received the marker. */
  restore(state: ReadState, seq: number): void {
    this.#counter.beginAt(seq);
    this.#counter.applyServerCounts(state, seq);
    this.#marker.restore(state);
  }

  /** Applies the server's counts as of a seq. Returns false when they do not apply, so that the server has to be asked again. */
  applyServerCounts(state: ReadState, asOfSeq: number): boolean {
    return this.#counter.applyServerCounts(state, asOfSeq) || this.#counter.isExact;
  }

  /** The server's marker is at this place. */
  confirmMarker(place: MarkerPlace): void {
    this.#marker.confirm(place);
  }

  forget(): void {
    this.#counter = new UnreadCounter();
    this.#marker.forget();
  }

  messagePosted(message: Message): void {
    // A replayed message may have been deleted since, so that it is never shown.
    if (!this.#scope.context.session.isOwn(message) && message.deletedAt === null) {
      this.#counter.add(this.#toUnreadMessage(message));
    }
  }

  /** A message is about to change. `timeline` has the message as it was, if it is loaded. */
  messageChanging(event: MessageChange, timeline: Timeline | undefined): void {
    if (event.on !== "message.edited" && event.on !== "message.deleted") return;
    const loaded = timeline?.message(changedMessageId(event));
    // An edit of a deleted message counts nothing. Its deletion does: a page can contain the deletion before the log reports it,
    // while the server's counts are from before it.
    if (event.on === "message.edited" && loaded !== undefined && loaded.deletedAt !== null) return;
    const message = event.on === "message.edited" ? event.message : loaded;
    if (message !== undefined && this.#scope.context.session.isOwn(message)) return;
    const isEdit = event.on === "message.edited" && event.message.deletedAt === null;
    const isCertain = isEdit
      ? this.#counter.edit(this.#toUnreadMessage(event.message), event.seq)
      : this.#counter.remove(changedMessageId(event), event.seq);
    if (!isCertain) this.#requestCounts();
  }

  /** Older messages were loaded: those that are unread can be counted locally. */
  messagesLoaded(timeline: Timeline): void {
    if (timeline.completeAfter >= this.#counter.knownFrom) return;
    const messages = timeline.unreadCandidates.map((message) => this.#toUnreadMessage(message));
    this.#counter.addOlder(timeline.completeAfter, messages);
    this.#scope.listingChanged.emit();
  }

  get #appliedSeq(): number {
    return this.#scope.log.seq ?? 0;
  }

  /** The server has reported its counts, without the seq that they are as of. */
  #serverCounted(state: ReadState): void {
    if (!this.#counter.isExact) {
      // Shown until the server's answer arrives: it is correct, or nearly so.
      this.#counter.applyServerCounts(state, this.#appliedSeq);
      this.#requestCounts();
    }
    this.#scope.listingChanged.emit();
  }

  #requestCounts(): void {
    this.#scope.context.roomSignals.countsUncertain.emit(this.#scope.id);
  }

  #toUnreadMessage({ id, seq, mentions, mentionsAll }: Message): UnreadMessage {
    const me = this.#scope.context.session.userId;
    return { id, seq, mentions: mentionsAll || (me !== undefined && mentions.includes(me)) };
  }
}
