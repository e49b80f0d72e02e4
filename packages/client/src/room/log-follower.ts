import type { HistoryPage, JoinedRoom, LogEvent, Message, RoomListEntry } from "@multichat/protocol";
import type { RoomLists } from "./lists/room-lists.ts";
import type { ReadTracker } from "./reading/read-tracker.ts";
import type { RoomDetails } from "./room-details.ts";
import type { RoomScope } from "./room-scope.ts";
import type { RoomContent } from "./timeline/room-content.ts";
import type { Typing } from "./typing.ts";

/** The parts of a room that follow its log. */
export interface LogFollowerParts {
  readonly scope: RoomScope;
  readonly details: RoomDetails;
  readonly reading: ReadTracker;
  readonly content: RoomContent;
  readonly lists: RoomLists;
  readonly typing: Typing;
}

/** Applies answers and events to the parts of a room: each event of the log once and in order. */
export class LogFollower {
  readonly #parts: LogFollowerParts;

  constructor(parts: LogFollowerParts) {
    this.#parts = parts;
  }

  /** Follows the log after the listed seq, without loading anything. */
  followFrom(entry: RoomListEntry): void {
    const { scope, details, reading, content } = this.#parts;
    scope.gone = undefined;
    details.forgetInfo();
    details.describe(entry);
    details.setMembership(entry, entry.lastSeq);
    if (scope.log.seq !== undefined) return;
    scope.log.beginAt(entry.lastSeq);
    reading.beginAt(entry.lastSeq);
    content.beginAt(entry.lastSeq);
    this.#emitReset(entry.lastSeq, null);
    scope.changed.emit();
  }

  /** Applies the answer to a join that was sent with the seq `since`. */
  applyJoin(answer: JoinedRoom, since: number | undefined): void {
    this.#catchUp(answer, since, this.#parts.scope.log.endJoin());
  }

  /** Applies the answer to a resume. Nothing was applied since it was sent; a pending join stays pending. */
  applyResume(answer: JoinedRoom, since: number | undefined): void {
    this.#catchUp(answer, since, []);
  }

  /** Takes an event of the log, and applies it when its turn has come. */
  receive(event: LogEvent): void {
    const { log } = this.#parts.scope;
    log.offer(event);
    if (log.isJoined) this.#applyEvents();
  }

  /** Applies the message of a reply as the event in the log would, unless the log has it. */
  applyPosted(message: Message): void {
    const { id, log } = this.#parts.scope;
    if (!log.isJoined || (log.seq ?? 0) >= message.seq) return;
    this.receive({ on: "message.posted", room: id, seq: message.seq, message });
  }

  /** @param events the events applied since the answer was requested; undefined when they are not known */
  #catchUp(answer: JoinedRoom, since: number | undefined, events: readonly LogEvent[] | undefined): void {
    const { scope, details, reading, content, lists } = this.#parts;
    const { lastSeq } = answer.room;
    scope.gone = undefined;
    // A log that ends before what was read of it is another log.
    const isOtherLog = since !== undefined && lastSeq < since;
    if (isOtherLog) details.forgetInfo();
    details.describe(answer.room);
    if (answer.reset) this.#reset(answer.page, lastSeq, { isOtherLog, events });
    scope.log.markJoined(answer.reset ? [] : answer.events, lastSeq);
    details.setMembership(answer.state, lastSeq);
    const areCountsCertain = reading.applyServerCounts(answer.state, lastSeq);
    this.#applyEvents();
    if (!areCountsCertain) scope.context.roomSignals.countsUncertain.emit(scope.id);
    scope.listingChanged.emit();
    reading.confirmMarker(answer.state);
    if (content.hasFirstPage) content.history.firstPageArrived();
    scope.changed.emit();
    content.repair();
    lists.roomCaughtUp();
    scope.context.signals.roomSubscribed.emit(scope.id);
  }

  /** Continues after `lastSeq` with the latest page, because too much was missed to replay it. */
  #reset(
    page: HistoryPage,
    lastSeq: number,
    { isOtherLog, events }: { readonly isOtherLog: boolean; readonly events: readonly LogEvent[] | undefined },
  ): void {
    const { scope, reading, content, lists } = this.#parts;
    const { log } = scope;
    const previousSeq = log.seq;
    let eventsSincePage = events;
    if (previousSeq === undefined || isOtherLog) {
      log.beginAt(lastSeq);
      reading.beginAt(lastSeq);
      content.changes.clear();
      content.beginAt(lastSeq);
      lists.logSkipped();
    } else if (lastSeq > previousSeq) {
      content.skip(previousSeq + 1, lastSeq);
      log.skipTo(lastSeq);
      reading.beginAt(lastSeq);
      lists.logSkipped();
      // The page is newer than all events that were applied.
      eventsSincePage = [];
    }
    // A page that cannot be made current is not used: its messages stay a gap.
    content.insertLatestPage(page, lastSeq, eventsSincePage);
    content.changes.removeApplied(log.seq);
    if (log.seq !== previousSeq) this.#emitReset(lastSeq, page);
  }

  #emitReset(seq: number, page: HistoryPage | null): void {
    const { id, context } = this.#parts.scope;
    context.signals.eventApplied.emit({ on: "client.reset", room: id, seq, page });
  }

  #applyEvents(): void {
    const { scope, content } = this.#parts;
    const { id, log, context } = scope;
    let hasApplied = false;
    for (let event = log.take(); event !== undefined; event = log.take()) {
      this.#apply(event);
      hasApplied = true;
    }
    if (hasApplied) {
      content.logApplied(log.seq ?? 0);
      scope.listingChanged.emit();
    }
    if (log.isBehind) context.roomSignals.eventsMissing.emit(id);
  }

  #apply(event: LogEvent): void {
    const { scope, details, reading, content, lists, typing } = this.#parts;
    switch (event.on) {
      case "message.posted":
        content.append(event.message);
        if (event.message.author !== null) typing.delete(event.message.author.id);
        reading.messagePosted(event.message);
        break;
      case "message.edited":
      case "message.deleted":
      case "message.pinned":
      case "message.unpinned":
      case "reaction.added":
      case "reaction.removed":
        reading.messageChanging(event, content.timeline);
        content.applyChange(event);
        break;
      case "room.changed":
        // An event without changes stands for something that this server cannot describe.
        if (Object.keys(event.changes).length > 0) content.appendEvent(event);
        break;
      case "room.created":
      case "member.joined":
      case "member.left":
      case "member.removed":
        content.appendEvent(event);
        break;
      case "member.changed":
        break;
      default:
        // An event of a newer server: it has its seq, and this client does not show it.
        event satisfies never;
    }
    details.apply(event, scope.context.session.userId);
    lists.apply(event);
    scope.context.signals.eventApplied.emit(event);
  }
}
