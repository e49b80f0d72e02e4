import type { MemberState, Message } from "@multichat/protocol";
import type { Clock } from "../../core/clock.ts";
import { changedMessage, type MessageChange } from "../../model/message-changes.ts";
import type { Timeline } from "../timeline/timeline.ts";
import { ReadMarker } from "./read-marker.ts";
import { type Countable, type ReadState, UnreadCounter } from "./unread-counter.ts";

/** What reading a room asks of the room. */
export interface ReadingHost {
  readonly clock: Clock;
  /** The room can be spoken of on this connection. */
  readonly isSeated: boolean;
  /** How far the log is applied. */
  readonly end: number;
  /** The id of the person who reads. */
  me(): string | undefined;
  isOwn(message: Message): boolean;
  tell(seq: number): Promise<MemberState>;
  /** The counts may be off: the server is to be asked. */
  recount(): void;
  changed(): void;
}

/** How far a person has read in a room, here and on the server, and what is left. */
export class ReadTracker {
  readonly #host: ReadingHost;
  #unread = new UnreadCounter();
  readonly #marker: ReadMarker;

  constructor(host: ReadingHost) {
    this.#host = host;
    this.#marker = new ReadMarker({
      clock: host.clock,
      get isSeated() {
        return host.isSeated;
      },
      tell: (seq) => host.tell(seq),
      told: (state) => {
        this.#unread.mark(state.readSeq);
        this.#counted(state);
      },
    });
  }

  get state(): ReadState {
    const { readSeq, unread, mentions } = this.#unread;
    return { readSeq, unread, mentions };
  }

  /** The person has read up to here. */
  mark(seq: number): void {
    if (!this.#unread.mark(Math.min(seq, this.#host.end))) return;
    this.#host.changed();
    this.#marker.move(this.#unread.readSeq);
  }

  /** The marker moved, here or on another device. */
  marked(state: ReadState): void {
    if (this.#unread.mark(state.readSeq)) this.#counted(state);
  }

  /** The log is followed from here on. */
  follow(seq: number): void {
    this.#unread.follow(seq);
  }

  /** From before a reload, as of a place in the log; the server may not have been told. */
  restore(state: ReadState, seq: number): void {
    this.#unread.follow(seq);
    this.#unread.hear(state, seq);
    this.#marker.restore(state.readSeq);
  }

  /** What the server counts as of a place in the log. @returns false when nothing follows from it: it has to be asked again. */
  hear(state: ReadState, asOf: number): boolean {
    return this.#unread.hear(state, asOf) || this.#unread.exact;
  }

  /** The server believes the marker to be here. */
  believed(seq: number): void {
    this.#marker.believed(seq);
  }

  forget(): void {
    this.#unread = new UnreadCounter();
    this.#marker.forget();
  }

  /** A message was posted. */
  posted(message: Message): void {
    // Posted, and deleted by the time that it was asked for: nobody is going to read it.
    if (!this.#host.isOwn(message) && message.deletedAt === null) this.#unread.add(this.#countable(message));
  }

  /** A message is about to change, of those in `timeline` perhaps. */
  changes(event: MessageChange, timeline: Timeline | undefined): void {
    if (event.on !== "message.edited" && event.on !== "message.deleted") return;
    const shown = timeline?.message(changedMessage(event));
    // Of one that is known to be deleted an edit counts nothing. Its deletion does: a page may have told of it before the log, and
    // the server's numbers be from before it.
    if (event.on === "message.edited" && shown !== undefined && shown.deletedAt !== null) return;
    const known = event.on === "message.edited" ? event.message : shown;
    if (known !== undefined && this.#host.isOwn(known)) return;
    const isEdited = event.on === "message.edited" && event.message.deletedAt === null;
    const isSure = isEdited
      ? this.#unread.edit(this.#countable(event.message), event.seq)
      : this.#unread.remove(changedMessage(event), event.seq);
    if (!isSure) this.#host.recount();
  }

  /** Messages were loaded: what is known of them can be counted. */
  learned(timeline: Timeline): void {
    if (timeline.completeAfter >= this.#unread.knownFrom) return;
    const others = timeline.othersComplete.map((message) => this.#countable(message));
    this.#unread.extend(timeline.completeAfter, others);
    this.#host.changed();
  }

  /** What the server counts, as of a place in the log that it does not say. */
  #counted(state: ReadState): void {
    if (!this.#unread.exact) {
      // Right or nearly so until it is asked.
      this.#unread.hear(state, this.#host.end);
      this.#host.recount();
    }
    this.#host.changed();
  }

  #countable({ id, seq, mentions, mentionsAll }: Message): Countable {
    const me = this.#host.me();
    return { id, seq, mentions: mentionsAll || (me !== undefined && mentions.includes(me)) };
  }
}
