import type { FrameGuard, FrameVerdict } from "../frame-guard.ts";
import { BoundedQueue } from "./bounded-queue.ts";
import type { RunnerOptions } from "./runner-options.ts";
import type { Transport } from "./transport.ts";

type Content = string | Uint8Array;

export interface FrameQueueOptions {
  readonly options: Pick<RunnerOptions, "counters" | "maxQueuedFrames">;
  /** Called in order for every frame. */
  readonly guards: readonly FrameGuard[];
  readonly maxContinued: number;
}

/** The frames of a client that wait for its consumer. Reading pauses while the queue is full (C5). */
export class FrameQueue {
  /** Frames that were taken and whose handling continues beside the next ones (C4). */
  continued = 0;
  readonly #transport: Pick<Transport, "pause" | "resume">;
  readonly #options: FrameQueueOptions["options"];
  readonly #guards: readonly FrameGuard[];
  readonly #maxContinued: number;
  readonly #queue: BoundedQueue<Content>;
  #isPaused = false;

  constructor(transport: Pick<Transport, "pause" | "resume">, { options, guards, maxContinued }: FrameQueueOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#guards = guards;
    this.#maxContinued = maxContinued;
    this.#queue = new BoundedQueue(options.maxQueuedFrames);
  }

  get size(): number {
    return this.#queue.size;
  }

  /** Adds a frame, unless a guard decides otherwise. */
  push(content: Content, bytes: number): FrameVerdict {
    const { counters } = this.#options;
    counters.framesReceived += 1;
    counters.bytesReceived += bytes;
    for (const guard of this.#guards) {
      const verdict = guard(bytes);
      if (verdict === "pass") continue;
      counters.framesDropped += 1;
      return verdict;
    }
    this.#queue.push(content);
    counters.queuedFrames += 1;
    if (this.#queue.isFull && !this.#isPaused) {
      this.#isPaused = true;
      this.#transport.pause();
    }
    return "pass";
  }

  /** Returns the next frame; undefined when there is none, or when as many continue as may. */
  take(): Content | undefined {
    if (this.#queue.size === 0 || this.continued >= this.#maxContinued) return undefined;
    const frame = this.#queue.shift();
    this.#options.counters.queuedFrames -= 1;
    if (this.#isPaused && this.#queue.size <= this.#queue.limit / 2) {
      this.#isPaused = false;
      this.#transport.resume();
    }
    return frame;
  }

  clear(): void {
    this.#options.counters.queuedFrames -= this.#queue.size;
    this.#queue.clear();
  }
}
