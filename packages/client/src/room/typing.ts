import type { Author } from "@multichat/protocol";
import type { RoomScope } from "./room-scope.ts";

/** How long a typing notice is valid, by the protocol. */
const EXPIRES_AFTER_MS = 6_000;
/** The time between two reports of the user's own typing. */
const REPORT_INTERVAL_MS = 3_000;
/** The most users who are shown as typing. */
const MAX_TYPING = 20;

/** Who is typing in one room: other users as the server reports them, and the user's own typing as it is reported. */
export class Typing {
  readonly #scope: RoomScope;
  readonly #others = new Map<string, { readonly user: Author; readonly stopTimer: () => void }>();
  #shown: readonly Author[] = [];
  #lastReportAt = Number.NEGATIVE_INFINITY;

  constructor(scope: RoomScope) {
    this.#scope = scope;
  }

  /** In the order in which they started. The same array until it changes. */
  get others(): readonly Author[] {
    return this.#shown;
  }

  /** Another user is typing. */
  add(user: Author): void {
    const known = this.#others.get(user.id);
    if (known === undefined && this.#others.size >= MAX_TYPING) return;
    known?.stopTimer();
    const stopTimer = this.#scope.context.clock.after(EXPIRES_AFTER_MS, () => this.delete(user.id));
    this.#others.set(user.id, { user, stopTimer });
    if (known === undefined) this.#changed();
  }

  /** Another user stopped typing, or has sent their message. */
  delete(userId: string): void {
    const known = this.#others.get(userId);
    if (known === undefined) return;
    known.stopTimer();
    this.#others.delete(userId);
    this.#changed();
  }

  /** Forgets everything: without a connection nothing is received, and the server has forgotten the last report. */
  clear(): void {
    this.#lastReportAt = Number.NEGATIVE_INFINITY;
    if (this.#others.size === 0) return;
    for (const { stopTimer } of this.#others.values()) stopTimer();
    this.#others.clear();
    this.#changed();
  }

  /** The user is typing. */
  start(): void {
    if (!this.#scope.log.isJoined || this.#hasReportedWithin(REPORT_INTERVAL_MS)) return;
    this.#lastReportAt = this.#scope.context.clock.now();
    this.#report("typing.start");
  }

  /** The user stopped typing without sending. */
  stop(): void {
    const isShown = this.#hasReportedWithin(EXPIRES_AFTER_MS);
    this.#lastReportAt = Number.NEGATIVE_INFINITY;
    if (this.#scope.log.isJoined && isShown) this.#report("typing.stop");
  }

  /** The user has sent a message, which ends the typing for others: typing again is reported at once. */
  messageSent(): void {
    this.#lastReportAt = Number.NEGATIVE_INFINITY;
  }

  #report(command: "typing.start" | "typing.stop"): void {
    // A report that is refused or lost is repeated with a later keystroke.
    this.#scope.context.transport.request(command, { room: this.#scope.id }).catch(() => {});
  }

  /** False for a time in the future: the clock was set back. */
  #hasReportedWithin(durationMs: number): boolean {
    const elapsedMs = this.#scope.context.clock.now() - this.#lastReportAt;
    return elapsedMs >= 0 && elapsedMs < durationMs;
  }

  #changed(): void {
    this.#shown = [...this.#others.values()].map(({ user }) => user);
    this.#scope.changed.emit();
  }
}
