import { performance } from "node:perf_hooks";
import { FrameJoiner } from "./frame-joiner.ts";
import type { ServerMetrics } from "./server-metrics.ts";

/** Something with frames that wait to leave. */
export interface Flushable {
  /** Sends them; returns how many. */
  flush(joiner: FrameJoiner): number;
}

/** How long one pass may hold the event loop before it lets others in, and after how many sockets it looks at the clock. */
const MAX_PASS_MS = 8;
const SOCKETS_PER_CLOCK_CHECK = 64;

// Above these, putting a pass off pays: half of the time goes into sending, and sockets have more than one frame anyway.
const BUSY_LOAD = 0.5;
const MIN_FRAMES_PER_WRITE = 1.25;

/**
 * Decides when queued frames leave: all that came within one turn of the event loop together, in one write a socket. When
 * sending takes much of the loop's time and frames come faster than passes end, passes are put off by a few
 * milliseconds: each write is a system call, and fewer of them with more in each is what saves CPU.
 */
export class Flusher {
  readonly #windowMs: number;
  readonly #metrics: ServerMetrics;
  readonly #joiner = new FrameJoiner();
  readonly #runPass = (): void => this.#pass();
  #pendingQueues: Flushable[] = [];
  #isScheduled = false;
  #isStopped = false;
  // The share of time that passes take, and the frames in one write; both smoothed over the last few passes.
  #load = 0;
  #framesPerWrite = 1;
  #lastPassEndMs = performance.now();

  constructor(windowMs: number, metrics: ServerMetrics) {
    this.#windowMs = windowMs;
    this.#metrics = metrics;
  }

  /** Once for each time that it gets something to send. */
  add(queue: Flushable): void {
    this.#pendingQueues.push(queue);
    if (!this.#isScheduled) this.#schedule();
  }

  /** Sends what one queue holds, now. */
  flushNow(queue: Flushable): void {
    queue.flush(this.#joiner);
  }

  stop(): void {
    this.#isStopped = true;
    this.#pendingQueues = [];
  }

  #schedule(): void {
    this.#isScheduled = true;
    if (this.#windowMs > 0 && this.#load > BUSY_LOAD && this.#framesPerWrite > MIN_FRAMES_PER_WRITE) {
      const wait = this.#windowMs - (performance.now() - this.#lastPassEndMs);
      if (wait > 0.5) {
        this.#metrics.delayedFlushes += 1;
        setTimeout(this.#runPass, wait).unref();
        return;
      }
    }
    setImmediate(this.#runPass);
  }

  #pass(): void {
    if (this.#isStopped) return;
    const start = performance.now();
    const due = this.#pendingQueues;
    // What is added from here on belongs to the next pass.
    this.#pendingQueues = [];
    this.#isScheduled = false;
    let queues = 0;
    let frames = 0;
    for (const queue of due) {
      frames += queue.flush(this.#joiner);
      queues += 1;
      if (queues % SOCKETS_PER_CLOCK_CHECK === 0 && performance.now() - start > MAX_PASS_MS) break;
    }
    this.#joiner.reset();
    if (queues < due.length) {
      this.#pendingQueues = [...due.slice(queues), ...this.#pendingQueues];
      if (!this.#isScheduled) {
        this.#isScheduled = true;
        setImmediate(this.#runPass);
      }
    }
    const end = performance.now();
    this.#metrics.flushes += 1;
    this.#load += 0.25 * ((end - start) / Math.max(end - this.#lastPassEndMs, 0.01) - this.#load);
    if (queues > 0) this.#framesPerWrite += 0.25 * (frames / queues - this.#framesPerWrite);
    this.#lastPassEndMs = end;
  }
}
