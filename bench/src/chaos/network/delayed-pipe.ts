import type { Socket } from "node:net";

/** The most bytes delayed in one direction; above it the sender is not read. */
const MAX_BUFFERED_BYTES = 1_048_576;

interface DelayedChunk {
  readonly dueAt: number;
  readonly chunk: Buffer;
}

/** Inspects a chunk before it is forwarded. Returns how many bytes to forward before a fault, or undefined for no fault. */
export type Inspect = (chunk: Buffer) => { readonly forward: number; readonly after: () => void } | undefined;

/** One direction of a connection: it delays bytes, keeps their order, and can be held up. */
export class DelayedPipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #latency: () => number;
  readonly #inspect: Inspect;
  readonly #queue: DelayedChunk[] = [];
  #bytes = 0;
  #lastAt = 0;
  #heldUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;
  #isStopped = false;

  constructor(from: Socket, to: Socket, latency: () => number, inspect: Inspect) {
    this.#from = from;
    this.#to = to;
    this.#latency = latency;
    this.#inspect = inspect;
    from.on("data", (chunk: Buffer) => this.#enqueue(chunk));
    from.once("end", () => {
      this.#hasEnded = true;
      // A silenced connection does not pass the end on.
      if (this.#heldUntil === Number.POSITIVE_INFINITY) from.destroy();
      else this.#schedule();
    });
  }

  /** Delivers nothing for this time; Infinity: never again. */
  hold(ms: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, performance.now() + ms);
    this.#schedule();
  }

  /** Drops all delayed bytes. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#queue.length = 0;
  }

  #enqueue(chunk: Buffer): void {
    if (this.#isStopped) return;
    const at = Math.max(this.#lastAt, performance.now() + this.#latency());
    this.#lastAt = at;
    this.#queue.push({ dueAt: at, chunk });
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_BUFFERED_BYTES) this.#from.pause();
    if (this.#queue.length === 1) this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    const due = Math.max(this.#queue[0]?.dueAt ?? 0, this.#heldUntil);
    if (due === Number.POSITIVE_INFINITY || (this.#queue.length === 0 && !this.#hasEnded)) return;
    this.#timer = setTimeout(() => this.#deliver(), Math.max(0, due - performance.now()));
  }

  #deliver(): void {
    const now = performance.now();
    while (!this.#isStopped && now >= this.#heldUntil) {
      const first = this.#queue[0];
      if (first === undefined) {
        if (this.#hasEnded) this.#to.end();
        break;
      }
      if (first.dueAt > now) break;
      this.#queue.shift();
      this.#bytes -= first.chunk.length;
      this.#forward(first.chunk);
    }
    if (this.#bytes <= MAX_BUFFERED_BYTES / 2) this.#from.resume();
    if (this.#queue.length > 0) this.#schedule();
  }

  #forward(chunk: Buffer): void {
    const fault = this.#inspect(chunk);
    if (fault === undefined) {
      this.#to.write(chunk);
      return;
    }
    this.stop();
    if (fault.forward === 0) fault.after();
    else this.#to.write(chunk.subarray(0, fault.forward), () => fault.after());
  }
}
