import type { Duplex } from "node:stream";
import type { SharedFrame } from "../consumer/frame.ts";
import type { Flushable, Flusher } from "./flusher.ts";
import type { FrameJoiner } from "./frame-joiner.ts";
import type { ServerMetrics } from "./server-metrics.ts";

/** The options of a queue. */
export interface OutgoingQueueOptions {
  readonly socket: Duplex;
  readonly flusher: Flusher;
  readonly metrics: ServerMetrics;
  readonly maxBytes: number;
  /** The size in bytes from which frames are compressed; infinity if compression was not negotiated. */
  readonly compressFromBytes: number;
  /** Returns whether data frames can still be written: no close frame was sent or received. */
  readonly isOpen: () => boolean;
  /** Called once when the queue is full and dropping ephemeral frames was not enough. */
  readonly onTooSlow: () => void;
  /** Called when the socket has taken what it had refused for a while. */
  readonly onDrained: () => void;
}

type State = "flowing" | "stalled" | "ended";

/**
 * The frames that wait for one socket, with a limit in bytes. They are written to the socket directly, because the
 * sender of `ws` would build a header for each receiver. `ws` writes only control frames, and every frame is written
 * whole, so the two cannot mix.
 */
export class OutgoingQueue implements Flushable {
  readonly #options: OutgoingQueueOptions;
  readonly #flusher: Flusher;
  readonly #maxBytes: number;
  readonly #compressFromBytes: number;
  readonly #onDrain = (): void => this.#resume();
  #frames: SharedFrame[] = [];
  #bytes = 0;
  /** The WebSocket frames in `#frames`, of which one can be a sequence. */
  #count = 0;
  #isScheduled = false;
  #state: State = "flowing";

  constructor(options: OutgoingQueueOptions) {
    this.#options = options;
    this.#flusher = options.flusher;
    this.#maxBytes = options.maxBytes;
    this.#compressFromBytes = options.compressFromBytes;
  }

  /** Number of bytes that wait in the queue and in the socket. */
  get bytes(): number {
    return this.#bytes + this.#options.socket.writableLength;
  }

  /** Whether the system's buffer is full, because the client does not read it, and frames wait. */
  get isCongested(): boolean {
    return this.#state === "stalled" && this.#frames.length > 0;
  }

  /** Adds a frame; returns false when the connection has ended or was just found to be too slow. */
  push(original: SharedFrame): boolean {
    if (this.#state === "ended") return false;
    const frame = original.bytes < this.#compressFromBytes ? original : original.compressed;
    const bytes = this.#bytes + frame.bytes;
    if (bytes > this.#maxBytes && this.#frames.length > 0) return this.#overflow(frame);
    this.#frames.push(frame);
    this.#bytes = bytes;
    this.#count += frame.count;
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#flusher.add(this);
    }
    return true;
  }

  flush(joiner: FrameJoiner): number {
    this.#isScheduled = false;
    if (this.#state !== "flowing") return 0;
    const { socket, metrics } = this.#options;
    const frames = this.#frames;
    const first = frames[0];
    if (first === undefined) return 0;
    if (!this.#options.isOpen() || !socket.writable) {
      this.end();
      return 0;
    }
    const count = this.#count;
    const bytes = this.#bytes;
    const chunk = frames.length === 1 ? first.buffer : joiner.join(frames, bytes);
    const hasRoom = chunk === undefined ? writeTogether(socket, frames) : socket.write(chunk);
    frames.length = 0;
    this.#bytes = 0;
    this.#count = 0;
    metrics.writes += 1;
    metrics.bytesSent += bytes;
    if (!hasRoom) {
      // Until the socket has drained, further frames wait here, where they can still be dropped.
      this.#state = "stalled";
      socket.once("drain", this.#onDrain);
    }
    return count;
  }

  /** Writes all frames to the socket, even if it has not drained, so that a close frame can follow them. */
  flushAll(): void {
    if (this.#state === "stalled") {
      this.#options.socket.off("drain", this.#onDrain);
      this.#state = "flowing";
    }
    this.#flusher.flushNow(this);
  }

  /** Drops the waiting frames and refuses further ones. */
  end(): void {
    if (this.#state === "stalled") this.#options.socket.off("drain", this.#onDrain);
    this.#state = "ended";
    this.#frames = [];
    this.#bytes = 0;
    this.#count = 0;
  }

  #resume(): void {
    if (this.#state !== "stalled") return;
    this.#state = "flowing";
    if (this.#frames.length > 0 && !this.#isScheduled) {
      this.#isScheduled = true;
      this.#flusher.add(this);
    }
    this.#options.onDrained();
  }

  #overflow(frame: SharedFrame): boolean {
    // A burst within one turn of the event loop does not mean that the client is slow: the socket may still accept it.
    if (this.#state === "flowing") {
      this.#flusher.flushNow(this);
      return this.push(frame);
    }
    if (frame.ephemeral) {
      this.#options.metrics.framesSkipped += frame.count;
      return true;
    }
    const required = this.#frames.filter((waiting) => !waiting.ephemeral);
    const requiredCount = required.reduce((sum, waiting) => sum + waiting.count, 0);
    this.#options.metrics.framesSkipped += this.#count - requiredCount;
    this.#frames = required;
    this.#bytes = required.reduce((sum, waiting) => sum + waiting.bytes, 0);
    this.#count = requiredCount;
    if (this.#bytes + frame.bytes <= this.#maxBytes) {
      this.#frames.push(frame);
      this.#bytes += frame.bytes;
      this.#count += frame.count;
      return true;
    }
    this.end();
    this.#options.onTooSlow();
    return false;
  }
}

/** Writes frames in one system call, without copying them. */
function writeTogether(socket: Duplex, frames: readonly SharedFrame[]): boolean {
  let hasRoom = true;
  socket.cork();
  for (const frame of frames) hasRoom = socket.write(frame.buffer);
  socket.uncork();
  return hasRoom;
}
