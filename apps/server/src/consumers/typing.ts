/** Milliseconds that "somebody is writing" holds; the protocol's own number. */
const HOLDS = 6_000;
/** Milliseconds in which saying it again is not told again. */
const TOLD_EVERY = 2_500;

interface Writing {
  readonly toldAt: number;
  readonly end: NodeJS.Timeout;
}

/** In which rooms one connection is writing: told now and then while it goes on, and ended by itself. */
export class Typing {
  readonly #rooms = new Map<string, Writing>();
  readonly #tell: (room: string, started: boolean) => void;

  constructor(tell: (room: string, started: boolean) => void) {
    this.#tell = tell;
  }

  start(room: string): void {
    const now = performance.now();
    const known = this.#rooms.get(room);
    if (known !== undefined) clearTimeout(known.end);
    const tells = known === undefined || now - known.toldAt >= TOLD_EVERY;
    const end = setTimeout(() => this.stop(room), HOLDS);
    end.unref();
    this.#rooms.set(room, { toldAt: tells ? now : known.toldAt, end });
    if (tells) this.#tell(room, true);
  }

  stop(room: string): void {
    if (this.forget(room)) this.#tell(room, false);
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
