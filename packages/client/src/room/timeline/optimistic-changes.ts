import type { CommandName, CommandParams, CommandResult, Message } from "@multichat/protocol";
import { tombstone, withOwnReaction } from "../../model/message-changes.ts";

/** What a room's own changes ask of the client around it. */
export interface OptimisticChangesHost {
  /** The id of the person who is signed in. */
  me(): string | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  /** How far the log is applied; undefined where it is not followed, and nothing is shown. */
  seq(): number | undefined;
  /** A name for a change, by which it takes effect once however often, and however late, it arrives. */
  newId(): string;
  ask<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>>;
  /** Something is shown otherwise than before. */
  changed(): void;
}

/** A change that is shown before the log has told of it. */
interface Shown {
  readonly message: string;
  readonly apply: (message: Message) => Message;
  /** Where the log will tell of it; undefined as long as the server has not answered. */
  seq: number | undefined;
}

/**
 * Changes that a person makes to messages of one room: asked in their order for each message, and shown on top of what the log has
 * told until it tells of them itself. The log is never written to from here: what one device believes has no place in it.
 */
export class OptimisticChanges {
  readonly #room: string;
  readonly #host: OptimisticChangesHost;
  #shown: readonly Shown[] = [];
  /** For each message the change that the next one waits for. */
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(room: string, host: OptimisticChangesHost) {
    this.#room = room;
    this.#host = host;
  }

  edit(message: string, body: string): Promise<Message> {
    return this.#after(message, async () => {
      const ok = await this.#host.ask("message.edit", { ...this.#change(message), body });
      const { editedAt, mentions, mentionsAll } = ok.message;
      const apply = (shown: Message) =>
        shown.deletedAt === null ? { ...shown, body: ok.message.body, editedAt, mentions, mentionsAll } : shown;
      this.#show({ message, apply, seq: ok.seq });
      return ok.message;
    });
  }

  remove(message: string): Promise<void> {
    return this.#after(message, async () => {
      const { seq } = await this.#host.ask("message.delete", this.#change(message));
      const at = this.#host.now();
      const apply = (shown: Message) => (shown.deletedAt === null ? tombstone(shown, at) : shown);
      this.#show({ message, apply, seq });
    });
  }

  pin(message: string, { pinned }: { readonly pinned: boolean }): Promise<void> {
    return this.#after(message, async () => {
      const name = pinned ? "message.pin" : "message.unpin";
      const { seq } = await this.#host.ask(name, this.#change(message));
      const apply = (shown: Message) => (shown.deletedAt === null ? { ...shown, pinned } : shown);
      this.#show({ message, apply, seq });
    });
  }

  react(message: string, emoji: string, { added }: { readonly added: boolean }): Promise<void> {
    const me = this.#host.me();
    const apply = (shown: Message) => (me === undefined ? shown : withOwnReaction(shown, emoji, { added, me }));
    const shown: Shown = { message, apply, seq: undefined };
    this.#show(shown);
    return this.#after(message, async () => {
      try {
        const name = added ? "reaction.add" : "reaction.remove";
        const { seq } = await this.#host.ask(name, { ...this.#change(message), emoji });
        shown.seq = seq;
        this.reached(this.#host.seq());
      } catch (error) {
        this.#drop((one) => one === shown);
        throw error;
      }
    });
  }

  /** The log is applied up to here; undefined: it is not followed any more. */
  reached(seq: number | undefined): void {
    this.#drop((one) => one.seq !== undefined && (seq === undefined || one.seq <= seq));
  }

  /** What was shown is not known to be so. */
  clear(): void {
    this.#drop(() => true);
  }

  /** The message with one's own changes; the same object where there are none. */
  on(message: Message): Message {
    let changed = message;
    for (const one of this.#shown) if (one.message === message.id) changed = one.apply(changed);
    return changed;
  }

  get isEmpty(): boolean {
    return this.#shown.length === 0;
  }

  #change(message: string): { readonly room: string; readonly message: string; readonly clientId: string } {
    return { room: this.#room, message, clientId: this.#host.newId() };
  }

  #show(shown: Shown): void {
    this.#shown = [...this.#shown, shown];
    this.#host.changed();
    this.reached(this.#host.seq());
  }

  #drop(which: (shown: Shown) => boolean): void {
    const kept = this.#shown.filter((shown) => !which(shown));
    if (kept.length === this.#shown.length) return;
    this.#shown = kept;
    this.#host.changed();
  }

  /** One after the other for one message: of adding and taking back the last one counts. */
  #after<T>(message: string, change: () => Promise<T>): Promise<T> {
    const before = this.#last.get(message) ?? Promise.resolve();
    const done = before.then(change, change);
    this.#last.set(message, done);
    const ended = () => {
      if (this.#last.get(message) === done) this.#last.delete(message);
    };
    done.then(ended, ended);
    return done;
  }
}
