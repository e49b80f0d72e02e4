import { ERRORS, type Message, qualifyEmoji } from "@multichat/protocol";
import { setTask, type TaskAddress } from "@multichat/protocol/markup";
import { Signal } from "../../core/signal.ts";
import { CommandError } from "../../model/errors.ts";
import { asDeleted, withOwnReaction } from "../../model/message-changes.ts";
import type { RetryingRequests } from "../../transport/retrying-requests.ts";
import type { RoomScope } from "../room-scope.ts";

/** A change that is shown before the log reports it. */
interface OptimisticChange {
  readonly messageId: string;
  apply: (message: Message) => Message;
  /** The seq of the event that reports it; undefined until the server has replied. */
  seq: number | undefined;
}

/** How often a task is ticked in a message that other devices keep editing. */
const MAX_TASK_ATTEMPTS = 5;

/**
 * The user's changes to the messages of one room. They are sent in order for each message, and shown on top of the timeline until
 * the log reports them. The timeline itself is never changed from here.
 */
export class OptimisticChanges {
  readonly changed = new Signal<void>();
  readonly #scope: RoomScope;
  #changes: readonly OptimisticChange[] = [];
  /** The last change of each message, which the next one waits for. */
  readonly #lastChange = new Map<string, Promise<unknown>>();
  readonly #requests: RetryingRequests;
  readonly #appliedSeq: () => number | undefined;
  readonly #findLoaded: (messageId: string) => Message | undefined;

  /**
   * @param appliedSeq returns the last seq that the timeline has applied; undefined while no timeline is loaded
   * @param findLoaded returns a message of the timeline, without these changes
   */
  constructor(
    scope: RoomScope,
    appliedSeq: () => number | undefined,
    findLoaded: (messageId: string) => Message | undefined,
  ) {
    this.#scope = scope;
    this.#findLoaded = findLoaded;
    this.#requests = scope.context.retryingRequests;
    this.#appliedSeq = appliedSeq;
  }

  get isEmpty(): boolean {
    return this.#changes.length === 0;
  }

  edit(messageId: string, body: string): Promise<Message> {
    return this.#inOrder(messageId, async () => {
      const { message, seq } = await this.#requests.request("message.edit", { ...this.#target(messageId), body });
      this.#add({ messageId, apply: toEdit(message), seq });
      return message;
    });
  }

  /**
   * Ticks or clears a task of the user's own message. Shown at once. Where another device has edited the message meanwhile, the
   * task is ticked in the newer text.
   */
  setTask(message: Message, task: TaskAddress, options: { readonly isDone: boolean }): Promise<Message> {
    const messageId = message.id;
    const apply = (shown: Message) => ({ ...shown, body: setTask(shown.body, task, options) ?? shown.body });
    const change: OptimisticChange = { messageId, apply, seq: undefined };
    this.#add(change);
    return this.#inOrder(messageId, async () => {
      try {
        let base = this.#acknowledged(this.#findLoaded(messageId) ?? message);
        for (let attempt = 1; ; attempt += 1) {
          const body = setTask(base.body, task, options);
          if (body === undefined) throw taskGone();
          try {
            const command = { ...this.#target(messageId), body, expectedEditedAt: base.editedAt };
            const edited = await this.#requests.request("message.edit", command);
            change.apply = toEdit(edited.message);
            change.seq = edited.seq;
            this.changed.emit();
            this.removeApplied(this.#appliedSeq());
            return edited.message;
          } catch (error) {
            const isConflict = error instanceof CommandError && error.code === "MESSAGE_CHANGED";
            if (!isConflict || attempt === MAX_TASK_ATTEMPTS) throw error;
          }
          base = await this.#read(base);
        }
      } catch (error) {
        this.#removeWhere((other) => other === change);
        throw error;
      }
    });
  }

  remove(messageId: string): Promise<void> {
    return this.#inOrder(messageId, async () => {
      const { seq } = await this.#requests.request("message.delete", this.#target(messageId));
      const deletedAt = this.#scope.context.clock.now();
      const apply = (shown: Message) => (shown.deletedAt === null ? asDeleted(shown, deletedAt) : shown);
      this.#add({ messageId, apply, seq });
    });
  }

  pin(messageId: string, { pinned }: { readonly pinned: boolean }): Promise<void> {
    return this.#inOrder(messageId, async () => {
      const command = pinned ? "message.pin" : "message.unpin";
      const { seq } = await this.#requests.request(command, this.#target(messageId));
      const apply = (shown: Message) => (shown.deletedAt === null ? { ...shown, pinned } : shown);
      this.#add({ messageId, apply, seq });
    });
  }

  react(messageId: string, spelling: string, { added }: { readonly added: boolean }): Promise<void> {
    // The server stores this form; with another one the change would be shown as a second reaction.
    const emoji = qualifyEmoji(spelling);
    const me = this.#scope.context.session.userId;
    const apply = (shown: Message) => (me === undefined ? shown : withOwnReaction(shown, emoji, { added, me }));
    const change: OptimisticChange = { messageId, apply, seq: undefined };
    this.#add(change);
    return this.#inOrder(messageId, async () => {
      try {
        const command = added ? "reaction.add" : "reaction.remove";
        const { seq } = await this.#requests.request(command, { ...this.#target(messageId), emoji });
        change.seq = seq;
        this.removeApplied(this.#appliedSeq());
      } catch (error) {
        this.#removeWhere((other) => other === change);
        throw error;
      }
    });
  }

  /** The log was applied up to this seq, so it shows these changes itself. undefined: no timeline shows them. */
  removeApplied(appliedSeq: number | undefined): void {
    this.#removeWhere(({ seq }) => seq !== undefined && (appliedSeq === undefined || seq <= appliedSeq));
  }

  clear(): void {
    this.#removeWhere(() => true);
  }

  /** Returns the message with the user's changes; the same object where there are none. */
  applyTo(message: Message): Message {
    let changed = message;
    for (const { messageId, apply } of this.#changes) if (messageId === message.id) changed = apply(changed);
    return changed;
  }

  /** Returns the message with those of the user's changes that the server has made. */
  #acknowledged(message: Message): Message {
    let changed = message;
    for (const { messageId, apply, seq } of this.#changes)
      if (messageId === message.id && seq !== undefined) changed = apply(changed);
    return changed;
  }

  /** Returns the message as it is on the server. */
  async #read({ id, seq }: Message): Promise<Message> {
    const { messages } = await this.#requests.request("history.page", {
      room: this.#scope.id,
      after: seq - 1,
      limit: 1,
    });
    const message = messages.find((found) => found.id === id);
    if (message === undefined || message.deletedAt !== null) throw taskGone();
    return message;
  }

  /** The client id makes a repeated command harmless, however late it arrives. */
  #target(messageId: string): { readonly room: string; readonly message: string; readonly clientId: string } {
    return { room: this.#scope.id, message: messageId, clientId: this.#scope.context.newId() };
  }

  #add(change: OptimisticChange): void {
    this.#changes = [...this.#changes, change];
    this.changed.emit();
    this.removeApplied(this.#appliedSeq());
  }

  #removeWhere(isRemoved: (change: OptimisticChange) => boolean): void {
    const remaining = this.#changes.filter((change) => !isRemoved(change));
    if (remaining.length === this.#changes.length) return;
    this.#changes = remaining;
    this.changed.emit();
  }

  /** Makes the changes of one message one after the other: of adding and removing a reaction, the last one must win. */
  #inOrder<T>(messageId: string, change: () => Promise<T>): Promise<T> {
    const previous = this.#lastChange.get(messageId) ?? Promise.resolve();
    const done = previous.then(change, change);
    this.#lastChange.set(messageId, done);
    const cleanUp = () => {
      if (this.#lastChange.get(messageId) === done) this.#lastChange.delete(messageId);
    };
    done.then(cleanUp, cleanUp);
    return done;
  }
}

/** Returns the change that shows an edit as the server made it. */
function toEdit({ body, editedAt, mentions, mentionNames, mentionsAll }: Message): (shown: Message) => Message {
  const edited = { body, editedAt, mentions, mentionNames, mentionsAll };
  return (shown) => (shown.deletedAt === null ? { ...shown, ...edited } : shown);
}

const taskGone = (): CommandError =>
  new CommandError("message.edit", { code: "MESSAGE_CHANGED", message: ERRORS.MESSAGE_CHANGED.message });
