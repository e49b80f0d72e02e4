import type { SharedFrame } from "../consumer/frame.ts";

/**
 * Puts frames one after another into one buffer. Members of one room mostly have the same frames to send in a pass: the
 * last result is kept for the next socket that has the same ones.
 */
export class FrameJoiner {
  #frames: readonly SharedFrame[] = [];
  #bytes = 0;
  #joined: Buffer | undefined;

  /** `bytes` is the sum of the frames' lengths. */
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

  /** Lets go of what it kept. */
  reset(): void {
    this.#frames = [];
    this.#joined = undefined;
  }
}

function areSame(some: readonly SharedFrame[], others: readonly SharedFrame[]): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i += 1) if (some[i] !== others[i]) return false;
  return true;
}
