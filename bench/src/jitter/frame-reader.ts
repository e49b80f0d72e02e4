const none = Buffer.alloc(0);
const longestHeader = 10;

/** Told of each frame: `buffer` holds its payload from `start` to `end`, for the time of the call. */
export type OnFrame = (buffer: Buffer, start: number, end: number, opcode: number) => void;

/** Cuts a stream of unmasked frames into whole ones, however the bytes come. */
export class FrameReader {
  readonly #onFrame: OnFrame;
  /** The beginning of a frame whose end has not come. */
  #parts: Buffer[] = [];
  #partial = 0;
  /** Bytes of that frame in all; 0 while its header is not whole. */
  #needed = 0;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  /** `size` bytes of `chunk` are new; the buffer may be used again afterwards. */
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
      const header = end - at >= longestHeader ? headerOf(buffer, at) : headerOf(padded(buffer, at, end), 0);
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

/** A header that may not be whole is read as if zeros followed; its own length says whether it was. */
function padded(buffer: Buffer, from: number, to: number): Buffer {
  return Buffer.concat([buffer.subarray(from, to), none], longestHeader);
}

function headerOf(buffer: Buffer, at: number): { readonly start: number; readonly length: number } {
  const code = (buffer[at + 1] ?? 0) & 0x7f;
  if (code === 126) return { start: 4, length: buffer.readUInt16BE(at + 2) };
  if (code === 127) return { start: 10, length: Number(buffer.readBigUInt64BE(at + 2)) };
  return { start: 2, length: code };
}
