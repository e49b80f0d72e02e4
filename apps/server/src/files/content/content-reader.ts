/** Reads bytes at a place; fewer where the content ends. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>;

const WINDOW_BYTES = 256 * 1_024;

/** Reads a content of any size through a window of bounded size. */
export class ContentReader {
  readonly size: number;
  readonly #readAt: ReadAt;
  #window: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(size: number, readAt: ReadAt) {
    this.size = size;
    this.#readAt = readAt;
  }

  /**
   * Returns the bytes from `offset` on: at least `length`, unless the content ends, and as many more as are in the window.
   *
   * @param length at most the size of a window
   */
  async view(offset: number, length: number): Promise<Buffer> {
    const isIn = offset >= this.#start && offset + length <= this.#start + this.#window.length;
    const reachesEnd = this.#start + this.#window.length === this.size && offset >= this.#start;
    if (!isIn && !reachesEnd) {
      this.#start = offset;
      this.#window = await this.#readAt(offset, Math.max(0, Math.min(WINDOW_BYTES, this.size - offset)));
    }
    return this.#window.subarray(Math.max(0, offset - this.#start));
  }
}
