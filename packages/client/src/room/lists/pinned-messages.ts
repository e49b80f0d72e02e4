import { type CommandResult, LIMITS, type LogEvent, type Message } from "@multichat/protocol";
import { changed, changedMessage, isMessageChange, requoted } from "../../model/message-changes.ts";
import type { ListStatus, PinsSnapshot } from "../../model/room-snapshot.ts";
import type { ListContent } from "./live-list.ts";

type Answer = CommandResult<"pin.list">;

export interface PinnedMessagesHost {
  /** The id of the person who looks. */
  me(): string | undefined;
  /** The message, where it is loaded and level with the log. */
  message(id: string): Message | undefined;
  ask(): Promise<Answer>;
}

/** The pinned messages of a room, newest pin first. */
export class PinnedMessages implements ListContent<Answer, PinsSnapshot> {
  readonly #host: PinnedMessagesHost;
  #messages: readonly Message[] = [];

  constructor(host: PinnedMessagesHost) {
    this.#host = host;
  }

  ask(): Promise<Answer> {
    return this.#host.ask();
  }

  replace({ messages }: Answer): void {
    this.#messages = messages;
  }

  apply(event: LogEvent): boolean {
    if (!isMessageChange(event)) return true;
    if (event.on === "message.pinned") return this.#pinned(event.message);
    const gone = event.on === "message.unpinned" || event.on === "message.deleted";
    const stay = gone ? this.#messages.filter(({ id }) => id !== changedMessage(event)) : this.#messages;
    const me = this.#host.me();
    this.#messages = stay
      .map((message) => requoted(changed(message, event, me), event))
      // An edit that is asked for again may tell that the message was deleted since.
      .filter(({ deletedAt }) => deletedAt === null);
    return true;
  }

  clear(): void {
    this.#messages = [];
  }

  snapshot(status: ListStatus): PinsSnapshot {
    return { status, messages: this.#messages };
  }

  #pinned(id: string): boolean {
    const message = this.#messages.find((one) => one.id === id) ?? this.#host.message(id);
    if (message === undefined) return false;
    if (message.deletedAt !== null) return true;
    const others = this.#messages.filter((one) => one.id !== id);
    this.#messages = [{ ...message, pinned: true }, ...others].slice(0, LIMITS.pinsPerRoom);
    return true;
  }
}
