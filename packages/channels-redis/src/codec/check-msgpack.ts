/** The deepest nesting that is decoded, as deep as a message can be. */
const MAX_DEPTH = 100;

/**
 * Whether the bytes are one complete msgpack value that costs no more memory to decode than it has bytes: a header of five
 * bytes can announce four billion elements, for which a decoder reserves room before it reads the first.
 */
export function isSafeMsgpack(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength;
  /** The values that are still expected at each level, the innermost last. */
  const expected = [1];
  /** The sum of `expected`; each of these values has at least one byte. */
  let expectedInAll = 1;
  let at = 0;
  while (expectedInAll > 0) {
    while (expected.at(-1) === 0) expected.pop();
    if (expectedInAll > end - at) return false;
    const { bodyBytes, children } = readHeader(view, at);
    at += bodyBytes;
    if (at > end) return false;
    expected[expected.length - 1] = (expected.at(-1) ?? 0) - 1;
    expectedInAll += children - 1;
    if (children === 0) continue;
    if (expected.length > MAX_DEPTH) return false;
    expected.push(children);
  }
  return at === end;
}

interface Header {
  /** The bytes of the value itself, with its header and without its children. */
  readonly bodyBytes: number;
  readonly children: number;
}

const INVALID: Header = { bodyBytes: Number.POSITIVE_INFINITY, children: 0 };
/** The bytes of the values 0xca to 0xd3 (floats and integers) and 0xd4 to 0xd8 (extensions of a fixed size). */
const NUMBER_BYTES = [5, 9, 2, 3, 5, 9, 2, 3, 5, 9];
const EXTENSION_BYTES = [3, 4, 6, 10, 18];

/** Reads one header. Past the end of the bytes it returns a value that is too long. */
function readHeader(view: DataView, at: number): Header {
  const type = view.getUint8(at);
  if (type < 0x80 || type >= 0xe0) return { bodyBytes: 1, children: 0 };
  if (type < 0x90) return { bodyBytes: 1, children: 2 * (type & 0x0f) };
  if (type < 0xa0) return { bodyBytes: 1, children: type & 0x0f };
  if (type < 0xc0) return { bodyBytes: 1 + (type & 0x1f), children: 0 };
  if (type === 0xc1) return INVALID;
  if (type < 0xc4) return { bodyBytes: 1, children: 0 };
  if (type < 0xc7) return withLength(view, at, 1 << (type - 0xc4), 0);
  if (type < 0xca) return withLength(view, at, 1 << (type - 0xc7), 1);
  if (type < 0xd4) return { bodyBytes: NUMBER_BYTES[type - 0xca] ?? 0, children: 0 };
  if (type < 0xd9) return { bodyBytes: EXTENSION_BYTES[type - 0xd4] ?? 0, children: 0 };
  if (type < 0xdc) return withLength(view, at, 1 << (type - 0xd9), 0);
  const lengthBytes = type % 2 === 0 ? 2 : 4;
  const length = readLength(view, at + 1, lengthBytes);
  return { bodyBytes: 1 + lengthBytes, children: type < 0xde ? length : 2 * length };
}

/** Returns the header of text, bytes or an extension, whose length follows in `lengthBytes` bytes. */
function withLength(view: DataView, at: number, lengthBytes: number, extraBytes: number): Header {
  return { bodyBytes: 1 + lengthBytes + extraBytes + readLength(view, at + 1, lengthBytes), children: 0 };
}

function readLength(view: DataView, at: number, lengthBytes: number): number {
  if (at + lengthBytes > view.byteLength) return Number.POSITIVE_INFINITY;
  if (lengthBytes === 1) return view.getUint8(at);
  return lengthBytes === 2 ? view.getUint16(at) : view.getUint32(at);
}
