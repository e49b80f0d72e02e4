import { type CommandResult, LIMITS, type LogEvent, type Message } from "@multichat/protocol";
import { applyChange, applyChangeToQuote, changedMessageId, isMessageChange } from "../../model/message-changes.ts";
import type { ListStatus, PinsSnapshot } from "../../model/room-snapshot.ts";
import type { RoomScope } from "../room-scope.ts";
import type { RoomContent } from "../timeline/room-content.ts";
import type { ListContent } from "./live-list.ts";

type Answer = CommandResult<"pin.list">;

/** The pinned messages of a room, newest pin first. */
export class PinnedMessages implements ListContent<Answer, PinsSnapshot> {
  readonly #scope: RoomScope;
  readonly #roomContent: RoomContent;
  #messages: readonly Message[] = [];

  constructor(scope: RoomScope, roomContent: RoomContent) {
    this.#scope = scope;
    this.#roomContent = roomContent;
  }

  load(): Promise<Answer> {
    return this.#scope.context.transport.request("pin.list", { room: this.#scope.id });
  }

  replace({ messages }: Answer): void {
    this.#messages = messages;
  }

  apply(event: LogEvent): boolean {
    if (!isMessageChange(event)) return true;
    if (event.on === "message.pinned") return this.#add(event.message);
    const isRemoval = event.on === "message.unpinned" || event.on === "message.deleted";
    const remaining = isRemoval ? this.#messages.filter(({ id }) => id !== changedMessageId(event)) : this.#messages;
    const { userId } = this.#scope.context.session;
    this.#messages = remaining
      .map((message) => applyChangeToQuote(applyChange(message, event, userId), event))
      // A replayed edit can report that the message was deleted since.
      .filter(({ deletedAt }) => deletedAt === null);
    return true;
  }

  clear(): void {
    this.#messages = [];
  }

  snapshot(status: ListStatus): PinsSnapshot {
    return { status, messages: this.#messages };
  }

  /** Returns false when the pinned message is not loaded. */
  #add(messageId: string): boolean {
    const message =
      this.#messages.find(({ id }) => id === messageId) ?? this.#roomContent.timeline?.verifiedMessage(messageId);
    if (message === undefined) return false;
    if (message.deletedAt !== null) return true;
    const others = this.#messages.filter(({ id }) => id !== messageId);
    this.#messages = [{ ...message, pinned: true }, ...others].slice(0, LIMITS.pinsPerRoom);
    return true;
  }
}
