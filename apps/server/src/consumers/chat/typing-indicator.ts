/** Milliseconds that "somebody is writing" holds; the protocol's own number. */
const EXPIRY_MS = 6_000;
/** Milliseconds in which saying it again is not told again. */
const REPUBLISH_INTERVAL_MS = 2_500;

interface TypingState {
  readonly publishedAt: number;
  readonly end: NodeJS.Timeout;
}

/** In which rooms one connection is writing: told now and then while it goes on, and ended by itself. */
export class TypingIndicator {
  readonly #rooms = new Map<string, TypingState>();
  readonly #publish: (room: string, started: boolean) => void;

  constructor(tell: (room: string, started: boolean) => void) {
    this.#publish = tell;
  }

  start(room: string): void {
    const now = performance.now();
    const known = this.#rooms.get(room);
    if (known !== undefined) clearTimeout(known.end);
    const tells = known === undefined || now - known.publishedAt >= REPUBLISH_INTERVAL_MS;
    const end = setTimeout(() => this.stop(room), EXPIRY_MS);
    end.unref();
    this.#rooms.set(room, { publishedAt: tells ? now : known.publishedAt, end });
    if (tells) this.#publish(room, true);
  }

  stop(room: string): void {
    if (this.forget(room)) this.#publish(room, false);
  }

  /** Without a word: what the room hears instead says it. False: nobody was writing. */
  forget(room: string): boolean {
    const known = this.#rooms.get(room);
    if (known === undefined) return false;
    clearTimeout(known.end);
    return this.#rooms.delete(room);
  }

  stopAll(): void {
    for (const room of [...this.#rooms.keys()]) this.stop(room);
  }
}
