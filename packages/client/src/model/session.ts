import type { Me, Message } from "@multichat/protocol";
import { ComputedStore } from "../core/computed-store.ts";
import type { NotificationBatch } from "../core/notification-batch.ts";
import type { Readable } from "../core/readable.ts";
import { Signal } from "../core/signal.ts";

/** The signed-in user, as far as known, and the epoch of the room logs that the client has read. */
export class Session {
  /** Another user is signed in than before, or none. */
  readonly userChanged = new Signal<void>();
  readonly #me: ComputedStore<Me | null>;
  #user: Me | null = null;
  /** Identifies the logs that the known seqs belong to; undefined before any log was read. */
  epoch: string | undefined;

  constructor(batch: NotificationBatch) {
    this.#me = new ComputedStore<Me | null>(batch, () => this.#user);
  }

  get me(): Readable<Me | null> {
    return this.#me;
  }

  get user(): Me | null {
    return this.#user;
  }

  get userId(): string | undefined {
    return this.#user?.id;
  }

  setUser(user: Me | null): void {
    const hasChanged = this.#user?.id !== user?.id;
    this.#user = user;
    this.#me.invalidate();
    if (hasChanged) this.userChanged.emit();
  }

  /** Whether the signed-in user wrote the message. */
  isOwn({ author }: Message): boolean {
    return author !== null && author.id === this.#user?.id;
  }
}
