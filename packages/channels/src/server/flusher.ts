import { performance } from "node:perf_hooks";
import { FrameJoiner } from "./frame-joiner.ts";
import type { ServerMetrics } from "./server-metrics.ts";

/** Something with frames that wait to leave. */
export interface Flushable {
  /** Sends them; returns how many. */
  flush(joiner: FrameJoiner): number;
}

/** How long one pass may hold the event loop before it lets others in, and after how many sockets it looks at the clock. */
const sliceMs = 8;
const socketsBetweenLooks = 64;

// Above these, putting a pass off pays: half of the time goes into sending, and sockets have more than one frame anyway.
const busyShare = 0.5;
const worthwhileGain = 1.25;

/**
 * Decides when queued frames leave: all that came within one turn of the event loop together, in one write a socket. When
 * sending takes much of the loop's time and frames come faster than passes end, passes are put off by a few
 * milliseconds: each write is a system call, and fewer of them with more in each is what saves CPU.
 */
export class Flusher {
  readonly #windowMs: number;
  readonly #metrics: ServerMetrics;
  readonly #joiner = new FrameJoiner();
  readonly #run = (): void => this.#pass();
  #due: Flushable[] = [];
  #scheduled = false;
  #stopped = false;
  // The share of time that passes take, and the frames in one write; both smoothed over the last few passes.
  #load = 0;
  #gain = 1;
  #lastEnd = performance.now();

  constructor(windowMs: number, metrics: ServerMetrics) {
    this.#windowMs = windowMs;
    this.#metrics = metrics;
  }

  /** Once for each time that it gets something to send. */
  add(queue: Flushable): void {
    this.#due.push(queue);
    if (!this.#scheduled) this.#schedule();
  }

  /** Sends what one queue holds, now. */
  flushNow(queue: Flushable): void {
    queue.flush(this.#joiner);
  }

  stop(): void {
    this.#stopped = true;
    this.#due = [];
  }

  #schedule(): void {
    this.#scheduled = true;
    if (this.#windowMs > 0 && this.#load > busyShare && this.#gain > worthwhileGain) {
      const wait = this.#windowMs - (performance.now() - this.#lastEnd);
      if (wait > 0.5) {
        this.#metrics.delayedFlushes += 1;
        setTimeout(this.#run, wait).unref();
        return;
      }
    }
    setImmediate(this.#run);
  }

  #pass(): void {
    if (this.#stopped) return;
    const start = performance.now();
    const due = this.#due;
    // What is added from here on belongs to the next pass.
    this.#due = [];
    this.#scheduled = false;
    let queues = 0;
    let frames = 0;
    for (const queue of due) {
      frames += queue.flush(this.#joiner);
      queues += 1;
      if (queues % socketsBetweenLooks === 0 && performance.now() - start > sliceMs) break;
    }
    this.#joiner.forget();
    if (queues < due.length) {
      this.#due = [...due.slice(queues), ...this.#due];
      if (!this.#scheduled) {
        this.#scheduled = true;
        setImmediate(this.#run);
      }
    }
    const end = performance.now();
    this.#metrics.flushes += 1;
    this.#load += 0.25 * ((end - start) / Math.max(end - this.#lastEnd, 0.01) - this.#load);
    if (queues > 0) this.#gain += 0.25 * (frames / queues - this.#gain);
    this.#lastEnd = end;
  }
}
