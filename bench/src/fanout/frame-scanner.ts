/** Receives each frame: where its payload starts in the buffer, and how long it is. */
export type FrameListener = (buffer: Buffer, start: number, length: number) => void;

const MAX_HEADER_BYTES = 10;
const EMPTY = Buffer.alloc(0);

/**
 * Walks over a stream of unmasked frames by their lengths. A frame that is split over two reads is reported when it
 * begins, with the part of its payload that has arrived (`length` counts that part).
 */
export class FrameScanner {
  frames = 0;
  readonly #onFrame: FrameListener;
  #skip = 0;
  #partialHeader = EMPTY;

  constructor(onFrame: FrameListener) {
    this.#onFrame = onFrame;
  }

  /** Scans the first `size` bytes of `chunk`, whose memory may be reused afterwards. */
  scan(chunk: Buffer, size: number): void {
    let buffer = chunk;
    let end = size;
    if (this.#partialHeader.length > 0) {
      buffer = Buffer.concat([this.#partialHeader, chunk.subarray(0, size)]);
      end = buffer.length;
      this.#partialHeader = EMPTY;
    }
    let at = this.#skip;
    this.#skip = 0;
    while (at < end) {
      if (end - at < MAX_HEADER_BYTES && this.#isHeaderIncomplete(buffer, at, end)) {
        this.#partialHeader = Buffer.from(buffer.subarray(at, end));
        return;
      }
      const code = (buffer[at + 1] ?? 0) & 0x7f;
      let start = at + 2;
      let length = code;
      if (code === 126) {
        length = buffer.readUInt16BE(at + 2);
        start = at + 4;
      } else if (code === 127) {
        length = Number(buffer.readBigUInt64BE(at + 2));
        start = at + 10;
      }
      this.frames += 1;
      this.#onFrame(buffer, start, Math.min(length, end - start));
      at = start + length;
    }
    this.#skip = at - end;
  }

  #isHeaderIncomplete(buffer: Buffer, at: number, end: number): boolean {
    if (end - at < 2) return true;
    const code = (buffer[at + 1] ?? 0) & 0x7f;
    return (code === 126 && end - at < 4) || code === 127;
  }
}
