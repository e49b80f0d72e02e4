import type { Socket } from "node:net";

/** Bytes that may be on the way in one direction; beyond it the sender is not read. */
const MOST_ON_THE_WAY = 1_048_576;

interface OnTheWay {
  readonly at: number;
  readonly chunk: Buffer;
}

/** Looks at a chunk before it goes on; says how much of it goes on, if anything is to happen to it. */
export type Inspect = (chunk: Buffer) => { readonly forward: number; readonly after: () => void } | undefined;

/** One direction of a connection: bytes arrive later than they were sent, in order, and can be held up. */
export class DelayedPipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #latency: () => number;
  readonly #inspect: Inspect;
  readonly #queue: OnTheWay[] = [];
  #bytes = 0;
  #lastAt = 0;
  #heldUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  #over = false;

  constructor(from: Socket, to: Socket, latency: () => number, inspect: Inspect) {
    this.#from = from;
    this.#to = to;
    this.#latency = latency;
    this.#inspect = inspect;
    from.on("data", (chunk: Buffer) => this.#take(chunk));
    from.once("end", () => {
      this.#ended = true;
      // Over a line that is silent for good the other side does not learn of it.
      if (this.#heldUntil === Number.POSITIVE_INFINITY) from.destroy();
      else this.#schedule();
    });
  }

  /** Nothing arrives for so many milliseconds; Infinity: ever again. */
  hold(ms: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, performance.now() + ms);
    this.#schedule();
  }

  /** What is on the way is lost. */
  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#queue.length = 0;
  }

  #take(chunk: Buffer): void {
    if (this.#over) return;
    const at = Math.max(this.#lastAt, performance.now() + this.#latency());
    this.#lastAt = at;
    this.#queue.push({ at, chunk });
    this.#bytes += chunk.length;
    if (this.#bytes > MOST_ON_THE_WAY) this.#from.pause();
    if (this.#queue.length === 1) this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#over) return;
    const due = Math.max(this.#queue[0]?.at ?? 0, this.#heldUntil);
    if (due === Number.POSITIVE_INFINITY || (this.#queue.length === 0 && !this.#ended)) return;
    this.#timer = setTimeout(() => this.#deliver(), Math.max(0, due - performance.now()));
  }

  #deliver(): void {
    const now = performance.now();
    while (!this.#over && now >= this.#heldUntil) {
      const first = this.#queue[0];
      if (first === undefined) {
        if (this.#ended) this.#to.end();
        break;
      }
      if (first.at > now) break;
      this.#queue.shift();
      this.#bytes -= first.chunk.length;
      this.#forward(first.chunk);
    }
    if (this.#bytes <= MOST_ON_THE_WAY / 2) this.#from.resume();
    if (this.#queue.length > 0) this.#schedule();
  }

  #forward(chunk: Buffer): void {
    const fate = this.#inspect(chunk);
    if (fate === undefined) {
      this.#to.write(chunk);
      return;
    }
    this.stop();
    if (fate.forward === 0) fate.after();
    else this.#to.write(chunk.subarray(0, fate.forward), () => fate.after());
  }
}
