const HANDSHAKE_END = "\r\n\r\n";

/**
 * Finds the frame boundaries in one direction of a WebSocket connection, so that a cut can be placed inside a frame. The
 * handshake counts as a frame.
 */
export class FrameBounds {
  #headMatched = 0;
  #inHandshake = true;
  readonly #header: number[] = [];
  #payloadLeft = 0;

  /** @returns the offsets in `chunk` at which a frame (or the handshake) ends, ascending. */
  ends(chunk: Uint8Array): number[] {
    const ends: number[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#inHandshake) {
        const byte = chunk[at] ?? 0;
        at += 1;
        this.#headMatched =
          byte === HANDSHAKE_END.charCodeAt(this.#headMatched) ? this.#headMatched + 1 : byte === 13 ? 1 : 0;
        if (this.#headMatched < HANDSHAKE_END.length) continue;
        this.#inHandshake = false;
        ends.push(at);
      } else if (this.#payloadLeft > 0) {
        const length = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= length;
        at += length;
        if (this.#payloadLeft === 0) ends.push(at);
      } else {
        this.#header.push(chunk[at] ?? 0);
        at += 1;
        const payload = payloadLength(this.#header);
        if (payload === undefined) continue;
        this.#header.length = 0;
        this.#payloadLeft = payload;
        if (payload === 0) ends.push(at);
      }
    }
    return ends;
  }
}

/** Returns undefined while the header is incomplete. */
function payloadLength(header: readonly number[]): number | undefined {
  if (header.length < 2) return undefined;
  const second = header[1] ?? 0;
  const short = second & 0x7f;
  const wide = short === 126 ? 2 : short === 127 ? 8 : 0;
  const mask = (second & 0x80) === 0 ? 0 : 4;
  if (header.length < 2 + wide + mask) return undefined;
  if (wide === 0) return short;
  return header.slice(2, 2 + wide).reduce((length, byte) => length * 256 + byte, 0);
}
