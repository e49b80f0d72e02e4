import { constants, deflateRawSync } from "node:zlib";

const TEXT_HEADER = 0x81;
const BINARY_HEADER = 0x82;
const COMPRESSED_BIT = 0x40;
// RFC 7692, section 7.2.1: the bytes that a flush appends and that have to be removed.
const FLUSH_TAIL_BYTES = 4;

export interface FrameOptions {
  /**
   * Whether the frame is dropped first when the queue of a slow client is full, such as one about typing or presence.
   * @default false
   */
  readonly ephemeral?: boolean;
}

type FrameKind = Pick<SharedFrame, "binary" | "ephemeral">;

/**
 * A complete WebSocket frame from server to client: header and payload in one immutable buffer, unmasked. It is built
 * once and written to any number of sockets. A sequence of frames (see `frameSequence`) is queued and written like one.
 */
export class SharedFrame {
  /** The bytes for the socket. Shared: do not modify. */
  readonly buffer: Buffer;
  readonly binary: boolean;
  readonly ephemeral: boolean;
  /** The length of the buffer: the frame's size in a queue. */
  readonly bytes: number;
  /** The frames of a sequence; of a single frame undefined. */
  readonly parts: readonly SharedFrame[] | undefined;
  readonly #headerBytes: number;
  #compressed: SharedFrame | undefined;

  constructor(buffer: Buffer, headerBytes: number, { binary, ephemeral }: FrameKind, parts?: readonly SharedFrame[]) {
    this.buffer = buffer;
    this.bytes = buffer.length;
    this.binary = binary;
    this.ephemeral = ephemeral;
    this.parts = parts;
    this.#headerBytes = headerBytes;
    Object.freeze(this);
  }

  /** The number of WebSocket frames: 1, or those of a sequence. */
  get count(): number {
    return this.parts?.length ?? 1;
  }

  /** The payload, without a copy. */
  get payload(): Buffer {
    return this.buffer.subarray(this.#headerBytes);
  }

  /**
   * The same message compressed for permessage-deflate without context takeover, computed once. The frame itself if
   * compression does not make it shorter.
   */
  get compressed(): SharedFrame {
    this.#compressed ??= this.#compress();
    return this.#compressed;
  }

  #compress(): SharedFrame {
    if (this.parts !== undefined) return joinFrames(this.parts.map((part) => part.compressed));
    const deflated = deflateRawSync(this.payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(
      0,
      -FLUSH_TAIL_BYTES,
    );
    if (headerLength(deflated.length) + deflated.length >= this.bytes) return this;
    return buildFrame((this.binary ? BINARY_HEADER : TEXT_HEADER) | COMPRESSED_BIT, deflated, this);
  }

  /** The payload as text. */
  get text(): string {
    return this.buffer.toString("utf8", this.#headerBytes);
  }
}

/** Builds a text frame. */
export function textFrame(text: string, options?: FrameOptions): SharedFrame {
  const length = Buffer.byteLength(text);
  const header = headerLength(length);
  const buffer = Buffer.allocUnsafe(header + length);
  writeHeader(buffer, TEXT_HEADER, length);
  buffer.write(text, header, "utf8");
  return new SharedFrame(buffer, header, { binary: false, ephemeral: options?.ephemeral === true });
}

/** Builds a binary frame from a copy of the bytes. */
export function binaryFrame(bytes: Uint8Array, options?: FrameOptions): SharedFrame {
  return buildFrame(BINARY_HEADER, bytes, { binary: true, ephemeral: options?.ephemeral === true });
}

/**
 * Joins frames that are always sent together, one after another: their receivers queue them at once and write them at once.
 * Each stays a frame of its own for the client. An encoder of an event that stands for several returns it.
 *
 * @throws RangeError without frames
 */
export function frameSequence(frames: readonly SharedFrame[]): SharedFrame {
  const parts = frames.flatMap((frame) => frame.parts ?? [frame]);
  const [first] = parts;
  if (first === undefined) throw new RangeError("Expected at least one frame.");
  return parts.length === 1 ? first : joinFrames(parts);
}

/** Builds a text frame from a value's JSON. */
export function jsonFrame(value: unknown, options?: FrameOptions): SharedFrame {
  return textFrame(JSON.stringify(value), options);
}

/** The content of a frame: text, bytes, a complete frame, or an object, which is sent as JSON. */
export type FrameContent = string | Uint8Array | SharedFrame | object;

/** Builds a frame of the matching kind, or returns a complete frame unchanged. */
export function toFrame(content: FrameContent): SharedFrame {
  if (content instanceof SharedFrame) return content;
  if (typeof content === "string") return textFrame(content);
  return content instanceof Uint8Array ? binaryFrame(content) : jsonFrame(content);
}

function joinFrames(parts: readonly SharedFrame[]): SharedFrame {
  const buffer = Buffer.concat(parts.map((part) => part.buffer));
  const ephemeral = parts.every((part) => part.ephemeral);
  return new SharedFrame(buffer, 0, { binary: false, ephemeral }, Object.freeze([...parts]));
}

function buildFrame(first: number, payload: Uint8Array, kind: FrameKind): SharedFrame {
  const header = headerLength(payload.byteLength);
  const buffer = Buffer.allocUnsafe(header + payload.byteLength);
  writeHeader(buffer, first, payload.byteLength);
  buffer.set(payload, header);
  return new SharedFrame(buffer, header, kind);
}

// RFC 6455, section 5.2: 7 bits of length, or 126 and 16 bits, or 127 and 64 bits.
function headerLength(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

function writeHeader(buffer: Buffer, first: number, length: number): void {
  buffer[0] = first;
  if (length < 126) {
    buffer[1] = length;
  } else if (length < 65_536) {
    buffer[1] = 126;
    buffer.writeUInt16BE(length, 2);
  } else {
    buffer[1] = 127;
    buffer.writeUInt32BE(Math.floor(length / 0x1_0000_0000), 2);
    buffer.writeUInt32BE(length >>> 0, 6);
  }
}
