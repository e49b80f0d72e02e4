const EMPTY = Buffer.alloc(0);
const MAX_HEADER_BYTES = 10;

/** Receives each frame: `buffer` holds its payload from `start` to `end`, for the duration of the call. */
export type FrameListener = (buffer: Buffer, start: number, end: number, opcode: number) => void;

/** Splits a byte stream into complete unmasked frames, however the bytes are chunked. */
export class FrameReader {
  readonly #onFrame: FrameListener;
  /** The chunks of an incomplete frame. */
  #parts: Buffer[] = [];
  #partial = 0;
  /** The total size of that frame; 0 while its header is incomplete. */
  #needed = 0;

  constructor(onFrame: FrameListener) {
    this.#onFrame = onFrame;
  }

  /** Reads the first `size` bytes of `chunk`, whose memory may be reused afterwards. */
  read(chunk: Buffer, size: number): void {
    let buffer = chunk;
    let end = size;
    if (this.#partial > 0) {
      if (this.#partial + size < this.#needed) {
        this.#keep(chunk, 0, size);
        return;
      }
      buffer = Buffer.concat([...this.#parts, chunk.subarray(0, size)]);
      end = buffer.length;
      this.#parts = [];
      this.#partial = 0;
      this.#needed = 0;
    }
    let at = 0;
    while (at < end) {
      const header = end - at >= MAX_HEADER_BYTES ? headerOf(buffer, at) : headerOf(padded(buffer, at, end), 0);
      const whole = header.start + header.length;
      if (header.start > end - at || whole > end - at) {
        this.#needed = header.start > end - at ? 0 : whole;
        this.#keep(buffer, at, end);
        return;
      }
      this.#onFrame(buffer, at + header.start, at + whole, (buffer[at] ?? 0) & 0x0f);
      at += whole;
    }
  }

  #keep(buffer: Buffer, from: number, to: number): void {
    this.#parts.push(Buffer.from(buffer.subarray(from, to)));
    this.#partial += to - from;
  }
}

/** Pads a possibly incomplete header with zeros; the length that it declares then shows whether it was complete. */
function padded(buffer: Buffer, from: number, to: number): Buffer {
  return Buffer.concat([buffer.subarray(from, to), EMPTY], MAX_HEADER_BYTES);
}

function headerOf(buffer: Buffer, at: number): { readonly start: number; readonly length: number } {
  const code = (buffer[at + 1] ?? 0) & 0x7f;
  if (code === 126) return { start: 4, length: buffer.readUInt16BE(at + 2) };
  if (code === 127) return { start: 10, length: Number(buffer.readBigUInt64BE(at + 2)) };
  return { start: 2, length: code };
}
