import type { SharedFrame } from "../consumer/frame.ts";

/**
 * Concatenates frames into one buffer. The members of a group usually have the same frames to send in a pass, so the
 * last result is cached for the next socket.
 */
export class FrameJoiner {
  #frames: readonly SharedFrame[] = [];
  #bytes = 0;
  #joined: Buffer | undefined;

  /** Returns the concatenated frames. `bytes` is the sum of their lengths. */
  join(frames: readonly SharedFrame[], bytes: number): Buffer {
    if (this.#joined !== undefined && bytes === this.#bytes && areSame(frames, this.#frames)) return this.#joined;
    const joined = Buffer.allocUnsafe(bytes);
    let offset = 0;
    for (const frame of frames) {
      joined.set(frame.buffer, offset);
      offset += frame.bytes;
    }
    this.#frames = frames.slice();
    this.#bytes = bytes;
    this.#joined = joined;
    return joined;
  }

  /** Clears the cache, so that its frames can be garbage-collected. */
  reset(): void {
    this.#frames = [];
    this.#joined = undefined;
  }
}

function areSame(a: readonly SharedFrame[], b: readonly SharedFrame[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}
