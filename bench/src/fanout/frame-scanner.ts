/** Told of each frame: where its payload starts in the buffer, and how long it is. */
export type OnFrame = (buffer: Buffer, start: number, length: number) => void;

const longestHeader = 10;
const none = Buffer.alloc(0);

/**
 * Walks over a stream of unmasked frames by their lengths. A frame whose payload is in two reads is counted when it
 * begins; its payload is then given as far as it is there (`length` counts what is).
 */
export class FrameScanner {
  frames = 0;
  readonly #onFrame: OnFrame;
  #skip = 0;
  #kept = none;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  /** `size` bytes of `chunk` are new; the buffer may be used again afterwards. */
  scan(chunk: Buffer, size: number): void {
    let buffer = chunk;
    let end = size;
    if (this.#kept.length > 0) {
      buffer = Buffer.concat([this.#kept, chunk.subarray(0, size)]);
      end = buffer.length;
      this.#kept = none;
    }
    let at = this.#skip;
    this.#skip = 0;
    while (at < end) {
      const short = end - at < longestHeader ? this.#shortHeader(buffer, at, end) : false;
      if (short) {
        this.#kept = Buffer.from(buffer.subarray(at, end));
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

  #shortHeader(buffer: Buffer, at: number, end: number): boolean {
    if (end - at < 2) return true;
    const code = (buffer[at + 1] ?? 0) & 0x7f;
    return (code === 126 && end - at < 4) || code === 127;
  }
}
