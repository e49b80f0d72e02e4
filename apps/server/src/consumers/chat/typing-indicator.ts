/** How long a typing indicator lasts without a repeat; part of the protocol. */
const EXPIRY_MS = 6_000;
/** Repeats within this time are not published again. */
const REPUBLISH_INTERVAL_MS = 2_500;

interface TypingState {
  readonly publishedAt: number;
  readonly expiry: NodeJS.Timeout;
}

type Publish = (room: string, change: { readonly started: boolean }) => void;

/** The rooms in which a connection's user is typing. Republishes while typing continues, and expires when it stops. */
export class TypingIndicator {
  readonly #rooms = new Map<string, TypingState>();
  readonly #publish: Publish;

  constructor(publish: Publish) {
    this.#publish = publish;
  }

  start(room: string): void {
    const now = performance.now();
    const previous = this.#rooms.get(room);
    if (previous !== undefined) clearTimeout(previous.expiry);
    const isDue = previous === undefined || now - previous.publishedAt >= REPUBLISH_INTERVAL_MS;
    const expiry = setTimeout(() => this.stop(room), EXPIRY_MS);
    expiry.unref();
    this.#rooms.set(room, { publishedAt: isDue ? now : previous.publishedAt, expiry });
    if (isDue) this.#publish(room, { started: true });
  }

  stop(room: string): void {
    if (this.clear(room)) this.#publish(room, { started: false });
  }

  /** Ends the indicator without publishing. Returns false if the user was not typing. */
  clear(room: string): boolean {
    const state = this.#rooms.get(room);
    if (state === undefined) return false;
    clearTimeout(state.expiry);
    return this.#rooms.delete(room);
  }

  stopAll(): void {
    for (const room of [...this.#rooms.keys()]) this.stop(room);
  }
}
