import type { Duplex } from "node:stream";
import type { SharedFrame } from "../consumer/frame.ts";
import type { Flushable, Flusher } from "./flusher.ts";
import type { FrameJoiner } from "./frame-joiner.ts";
import type { ServerMetrics } from "./server-metrics.ts";

/** What the queues of a server share. */
export interface OutgoingQueueContext {
  readonly flusher: Flusher;
  readonly metrics: ServerMetrics;
  readonly options: { readonly maxQueuedBytes: number; readonly compressFromBytes: number };
}

/** The connection of a queue. */
export interface OutgoingQueueOwner {
  /** Whether data frames can still be written: no close frame was sent or received. */
  readonly canWrite: boolean;
  /** Called once when the queue is full and dropping ephemeral frames was not enough. */
  onTooSlow(): void;
  /** Called when the socket has taken what it had refused for a while. */
  onDrained(): void;
}

type State = "flowing" | "stalled" | "ended";

/**
 * The frames that wait for one socket, with a limit in bytes. They are written to the socket directly, because the
 * sender of `ws` would build a header for each receiver. `ws` writes only control frames, and every frame is written
 * whole, so the two cannot mix.
 */
export class OutgoingQueue implements Flushable {
  readonly #context: OutgoingQueueContext;
  readonly #owner: OutgoingQueueOwner;
  readonly #socket: Duplex;
  readonly #isCompressed: boolean;
  /** Set while the queue is stalled. */
  #onDrain: (() => void) | undefined;
  #frames: SharedFrame[] = [];
  #bytes = 0;
  /** The WebSocket frames in `#frames`, of which one can be a sequence. */
  #count = 0;
  #isScheduled = false;
  #state: State = "flowing";

  /** @param options whether the client takes compressed frames. */
  constructor(
    context: OutgoingQueueContext,
    owner: OutgoingQueueOwner,
    socket: Duplex,
    { isCompressed }: { readonly isCompressed: boolean },
  ) {
    this.#context = context;
    this.#owner = owner;
    this.#socket = socket;
    this.#isCompressed = isCompressed;
  }

  /** Number of bytes that wait in the queue and in the socket. */
  get bytes(): number {
    return this.#bytes + this.#socket.writableLength;
  }

  /** Whether the system's buffer is full, because the client does not read it, and frames wait. */
  get isCongested(): boolean {
    return this.#state === "stalled" && this.#frames.length > 0;
  }

  /** Adds a frame; returns false when the connection has ended or was just found to be too slow. */
  push(original: SharedFrame): boolean {
    if (this.#state === "ended") return false;
    const { options } = this.#context;
    const frame = this.#isCompressed && original.bytes >= options.compressFromBytes ? original.compressed : original;
    const bytes = this.#bytes + frame.bytes;
    if (bytes > options.maxQueuedBytes && this.#frames.length > 0) return this.#overflow(frame);
    this.#frames.push(frame);
    this.#bytes = bytes;
    this.#count += frame.count;
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#context.flusher.add(this);
    }
    return true;
  }

  flush(joiner: FrameJoiner): number {
    this.#isScheduled = false;
    if (this.#state !== "flowing") return 0;
    const socket = this.#socket;
    const { metrics } = this.#context;
    const frames = this.#frames;
    const first = frames[0];
    if (first === undefined) return 0;
    if (!this.#owner.canWrite || !socket.writable) {
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
      this.#onDrain = () => this.#resume();
      socket.once("drain", this.#onDrain);
    }
    return count;
  }

  /** Writes all frames to the socket, even if it has not drained, so that a close frame can follow them. */
  flushAll(): void {
    if (this.#state === "stalled") {
      this.#stopWaiting();
      this.#state = "flowing";
    }
    this.#context.flusher.flushNow(this);
  }

  /** Drops the waiting frames and refuses further ones. */
  end(): void {
    this.#stopWaiting();
    this.#state = "ended";
    this.#frames = [];
    this.#bytes = 0;
    this.#count = 0;
  }

  #stopWaiting(): void {
    if (this.#onDrain !== undefined) this.#socket.off("drain", this.#onDrain);
    this.#onDrain = undefined;
  }

  #resume(): void {
    if (this.#state !== "stalled") return;
    this.#onDrain = undefined;
    this.#state = "flowing";
    if (this.#frames.length > 0 && !this.#isScheduled) {
      this.#isScheduled = true;
      this.#context.flusher.add(this);
    }
    this.#owner.onDrained();
  }

  #overflow(frame: SharedFrame): boolean {
    // A burst within one turn of the event loop does not mean that the client is slow: the socket may still accept it.
    if (this.#state === "flowing") {
      this.#context.flusher.flushNow(this);
      return this.push(frame);
    }
    if (frame.ephemeral) {
      this.#context.metrics.framesSkipped += frame.count;
      return true;
    }
    const required = this.#frames.filter((waiting) => !waiting.ephemeral);
    const requiredCount = required.reduce((sum, waiting) => sum + waiting.count, 0);
    this.#context.metrics.framesSkipped += this.#count - requiredCount;
    this.#frames = required;
    this.#bytes = required.reduce((sum, waiting) => sum + waiting.bytes, 0);
    this.#count = requiredCount;
    if (this.#bytes + frame.bytes <= this.#context.options.maxQueuedBytes) {
      this.#frames.push(frame);
      this.#bytes += frame.bytes;
      this.#count += frame.count;
      return true;
    }
    this.end();
    this.#owner.onTooSlow();
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
