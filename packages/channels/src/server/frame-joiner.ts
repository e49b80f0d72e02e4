import type { SharedFrame } from "../consumer/frame.ts";

/**
 * The lists of frames that are remembered. Some members of a group have frames of their own between those of the group, such as
 * replies: their lists must not displace that of the others.
 */
const MAX_REMEMBERED = 4;
/** A list of this size that only one socket has is cheaper written frame by frame, in one system call, than copied. */
const MIN_GATHERED_BYTES = 16_384;
/** With more frames, copying is cheaper whatever their size. */
const MAX_GATHERED_FRAMES = 32;

interface FrameList {
  readonly frames: readonly SharedFrame[];
  readonly bytes: number;
  /** Undefined until a second socket has the list. */
  buffer: Buffer | undefined;
}

/**
 * Concatenates frames into one buffer. The members of a group usually have the same frames to send in a pass, so the
 * latest results are cached for the next sockets.
 */
export class FrameJoiner {
  /** The one that was used last comes first. */
  readonly #lists: FrameList[] = [];

  /**
   * Returns the concatenated frames, or undefined where they should be written one by one: they are large, and no other socket
   * has had them yet. `bytes` is the sum of their lengths.
   */
  join(frames: readonly SharedFrame[], bytes: number): Buffer | undefined {
    const list = this.#find(frames, bytes);
    if (list !== undefined) {
      list.buffer ??= concatenate(frames, bytes);
      return list.buffer;
    }
    const isGathered = bytes >= MIN_GATHERED_BYTES && frames.length <= MAX_GATHERED_FRAMES;
    const buffer = isGathered ? undefined : concatenate(frames, bytes);
    if (this.#lists.length === MAX_REMEMBERED) this.#lists.pop();
    this.#lists.unshift({ frames: frames.slice(), bytes, buffer });
    return buffer;
  }

  /** Forgets the frames, so that they can be garbage-collected. */
  reset(): void {
    this.#lists.length = 0;
  }

  #find(frames: readonly SharedFrame[], bytes: number): FrameList | undefined {
    for (let index = 0; index < this.#lists.length; index += 1) {
      const list = this.#lists[index];
      if (list === undefined || list.bytes !== bytes || !areSame(frames, list.frames)) continue;
      if (index > 0) {
        this.#lists.splice(index, 1);
        this.#lists.unshift(list);
      }
      return list;
    }
    return undefined;
  }
}

function concatenate(frames: readonly SharedFrame[], bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  let offset = 0;
  for (const frame of frames) {
    buffer.set(frame.buffer, offset);
    offset += frame.bytes;
  }
  return buffer;
}

function areSame(a: readonly SharedFrame[], b: readonly SharedFrame[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}
