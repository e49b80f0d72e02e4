import type { Duplex } from "node:stream";
import type { SharedFrame } from "../consumer/frame.ts";
import type { Flushable, Flusher } from "./flusher.ts";
import type { FrameJoiner } from "./frame-joiner.ts";
import type { ServerMetrics } from "./server-metrics.ts";

/** What a queue is made with. */
export interface OutgoingQueueOptions {
  readonly socket: Duplex;
  readonly flusher: Flusher;
  readonly metrics: ServerMetrics;
  readonly maxBytes: number;
  /** Bytes from which frames go compressed; infinity where that was not agreed on. */
  readonly compressFromBytes: number;
  /** Whether data frames may still be written: not after a close frame went either way. */
  readonly isOpen: () => boolean;
  /** More waits than may, and dropping what is ephemeral was not enough. Called once. */
  readonly onTooSlow: () => void;
}

type State = "flowing" | "stalled" | "ended";

/**
 * The frames that wait for one socket, bounded in bytes. Frames go to the socket itself, past the `ws` sender, which
 * would build a header for each receiver; `ws` only writes control frames, and a frame is always written whole.
 */
export class OutgoingQueue implements Flushable {
  readonly #options: OutgoingQueueOptions;
  readonly #flusher: Flusher;
  readonly #maxBytes: number;
  readonly #compressFromBytes: number;
  readonly #onDrain = (): void => this.#resume();
  #frames: SharedFrame[] = [];
  #bytes = 0;
  #isScheduled = false;
  #state: State = "flowing";

  constructor(options: OutgoingQueueOptions) {
    this.#options = options;
    this.#flusher = options.flusher;
    this.#maxBytes = options.maxBytes;
    this.#compressFromBytes = options.compressFromBytes;
  }

  /** Bytes that wait here and in the socket. */
  get bytes(): number {
    return this.#bytes + this.#options.socket.writableLength;
  }

  /** False when the frame cannot be taken: the connection is over, or it has just been found too slow. */
  push(made: SharedFrame): boolean {
    if (this.#state === "ended") return false;
    const frame = made.bytes < this.#compressFromBytes ? made : made.compressed;
    const bytes = this.#bytes + frame.bytes;
    if (bytes > this.#maxBytes && this.#frames.length > 0) return this.#overflow(frame);
    this.#frames.push(frame);
    this.#bytes = bytes;
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
    const count = frames.length;
    const bytes = this.#bytes;
    const chunk = count === 1 ? first.buffer : joiner.join(frames, bytes);
    frames.length = 0;
    this.#bytes = 0;
    metrics.writes += 1;
    metrics.bytesSent += bytes;
    if (!socket.write(chunk)) {
      // Further frames wait here, where they can still be dropped, until the socket has handed on what it has.
      this.#state = "stalled";
      socket.once("drain", this.#onDrain);
    }
    return count;
  }

  /** Hands everything to the socket, however much it has: something is about to follow it, like a close frame. */
  flushAll(): void {
    if (this.#state === "stalled") {
      this.#options.socket.off("drain", this.#onDrain);
      this.#state = "flowing";
    }
    this.#flusher.flushNow(this);
  }

  /** Drops what waits, and takes nothing more. */
  end(): void {
    if (this.#state === "stalled") this.#options.socket.off("drain", this.#onDrain);
    this.#state = "ended";
    this.#frames = [];
    this.#bytes = 0;
  }

  #resume(): void {
    if (this.#state !== "stalled") return;
    this.#state = "flowing";
    if (this.#frames.length === 0 || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#flusher.add(this);
  }

  #overflow(frame: SharedFrame): boolean {
    // A burst within one turn of the event loop says nothing about the reader: the socket may well take it.
    if (this.#state === "flowing") {
      this.#flusher.flushNow(this);
      return this.push(frame);
    }
    if (frame.ephemeral) {
      this.#options.metrics.framesSkipped += 1;
      return true;
    }
    const kept = this.#frames.filter((waiting) => !waiting.ephemeral);
    this.#options.metrics.framesSkipped += this.#frames.length - kept.length;
    this.#frames = kept;
    this.#bytes = kept.reduce((sum, waiting) => sum + waiting.bytes, 0);
    if (this.#bytes + frame.bytes <= this.#maxBytes) {
      this.#frames.push(frame);
      this.#bytes += frame.bytes;
      return true;
    }
    this.end();
    this.#options.onTooSlow();
    return false;
  }
}
