import { performance } from "node:perf_hooks";
import { FrameJoiner } from "./frame-joiner.ts";
import type { ServerMetrics } from "./server-metrics.ts";

/** A queue of frames that wait to be sent. */
export interface Flushable {
  /** Sends the frames and returns their number. */
  flush(joiner: FrameJoiner): number;
}

/** The longest time that a pass blocks the event loop, and the number of sockets after which it checks the time. */
const MAX_PASS_MS = 8;
const SOCKETS_PER_CLOCK_CHECK = 64;

// Delaying a pass pays when both are exceeded: the share of time spent on sending, and the frames in each write.
const BUSY_LOAD = 0.5;
const MIN_FRAMES_PER_WRITE = 1.25;

/**
 * Schedules the sending of queued frames: all frames of one turn of the event loop are sent together, in one write for
 * each socket. When sending takes much of the time and frames arrive faster than passes finish, passes are delayed by a
 * few milliseconds: each write is a system call, so fewer and larger writes save CPU.
 */
export class Flusher {
  readonly #windowMs: number;
  readonly #metrics: ServerMetrics;
  readonly #joiner = new FrameJoiner();
  readonly #runPass = (): void => this.#pass();
  #pendingQueues: Flushable[] = [];
  #isScheduled = false;
  #isStopped = false;
  // The share of time spent in passes, and the frames in each write, both smoothed over the last few passes.
  #load = 0;
  #framesPerWrite = 1;
  #lastPassEndMs = performance.now();

  constructor(windowMs: number, metrics: ServerMetrics) {
    this.#windowMs = windowMs;
    this.#metrics = metrics;
  }

  /** Schedules a queue that has frames to send. Call it once until the queue is flushed. */
  add(queue: Flushable): void {
    this.#pendingQueues.push(queue);
    if (!this.#isScheduled) this.#schedule();
  }

  /** Sends the frames of a queue immediately. */
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
      const delayMs = this.#windowMs - (performance.now() - this.#lastPassEndMs);
      if (delayMs > 0.5) {
        this.#metrics.delayedFlushes += 1;
        setTimeout(this.#runPass, delayMs).unref();
        return;
      }
    }
    setImmediate(this.#runPass);
  }

  #pass(): void {
    if (this.#isStopped) return;
    const startMs = performance.now();
    const due = this.#pendingQueues;
    // Queues that are added from now on belong to the next pass.
    this.#pendingQueues = [];
    this.#isScheduled = false;
    let queues = 0;
    let frames = 0;
    for (const queue of due) {
      frames += queue.flush(this.#joiner);
      queues += 1;
      if (queues % SOCKETS_PER_CLOCK_CHECK === 0 && performance.now() - startMs > MAX_PASS_MS) break;
    }
    this.#joiner.reset();
    if (queues < due.length) {
      this.#pendingQueues = [...due.slice(queues), ...this.#pendingQueues];
      if (!this.#isScheduled) {
        this.#isScheduled = true;
        setImmediate(this.#runPass);
      }
    }
    const endMs = performance.now();
    this.#metrics.flushes += 1;
    this.#load += 0.25 * ((endMs - startMs) / Math.max(endMs - this.#lastPassEndMs, 0.01) - this.#load);
    if (queues > 0) this.#framesPerWrite += 0.25 * (frames / queues - this.#framesPerWrite);
    this.#lastPassEndMs = endMs;
  }
}
