import type { LayerMessage, LayerValue } from "@multichat/channels/layer";

/** The deepest nesting that is decoded, as deep as a message can be. */
const MAX_DEPTH = 100;
/** Longer text is decoded by the platform, which is faster for it. */
const MAX_SHORT_TEXT = 12;
/** Keys that are remembered, and the longest of them in bytes: messages have the same ones again and again. */
const REMEMBERED_KEYS = 256;
const MAX_KEY_BYTES = 40;

/** Integers of 64 bits whose higher half is less are exact as a number. */
const SAFE_HIGH = 0x20_0000;

/** Ends the decoding. Without a stack, whose capture costs more than the rest. */
const UNREADABLE = Symbol("unreadable");

interface RememberedKey {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Decodes msgpack messages in one pass to the form that every layer delivers: plain data, frozen, with `-0` as 0 and a bigint
 * that a number represents as that number. It trusts no length that the bytes announce: a header of five bytes can announce four
 * billion elements, so each container is read element by element, and has to fit into what is left.
 *
 * A general decoder, a check of the bytes before it and a frozen copy after it cost three times as much, for every message in
 * every process.
 */
export class MessageDecoder {
  readonly #keys: (RememberedKey | undefined)[] = new Array(REMEMBERED_KEYS).fill(undefined);
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(this.#bytes.buffer, 0, 0);
  #at = 0;

  /** Returns undefined where the bytes are not one complete message. */
  decode(bytes: Uint8Array): LayerMessage | undefined {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = 0;
    try {
      const value = this.#readValue(0);
      if (this.#at !== bytes.byteLength || !isMessage(value)) return undefined;
      return value;
    } catch (error) {
      // Past the end a view throws a RangeError.
      if (error === UNREADABLE || error instanceof RangeError) return undefined;
      throw error;
    }
  }

  #readValue(depth: number): LayerValue {
    const type = this.#view.getUint8(this.#at);
    this.#at += 1;
    if (type < 0x80) return type;
    if (type < 0x90) return this.#readMap(type & 0x0f, depth);
    if (type < 0xa0) return this.#readArray(type & 0x0f, depth);
    if (type < 0xc0) return this.#readText(type & 0x1f);
    if (type >= 0xe0) return type - 0x100;
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#readBytes(this.#readUint8());
      case 0xc5:
        return this.#readBytes(this.#readUint16());
      case 0xc6:
        return this.#readBytes(this.#readUint32());
      case 0xca:
        return toFinite(this.#view.getFloat32(this.#skip(4)));
      case 0xcb:
        return toFinite(this.#view.getFloat64(this.#skip(8)));
      case 0xcc:
        return this.#readUint8();
      case 0xcd:
        return this.#readUint16();
      case 0xce:
        return this.#readUint32();
      case 0xcf:
        return this.#readUint64();
      case 0xd0:
        return this.#view.getInt8(this.#skip(1));
      case 0xd1:
        return this.#view.getInt16(this.#skip(2));
      case 0xd2:
        return this.#view.getInt32(this.#skip(4));
      case 0xd3:
        return this.#readInt64();
      case 0xd9:
        return this.#readText(this.#readUint8());
      case 0xda:
        return this.#readText(this.#readUint16());
      case 0xdb:
        return this.#readText(this.#readUint32());
      case 0xdc:
        return this.#readArray(this.#readUint16(), depth);
      case 0xdd:
        return this.#readArray(this.#readUint32(), depth);
      case 0xde:
        return this.#readMap(this.#readUint16(), depth);
      case 0xdf:
        return this.#readMap(this.#readUint32(), depth);
      default:
        // Extensions, dates among them, which no message can hold; and the reserved byte.
        throw UNREADABLE;
    }
  }

  #readMap(size: number, depth: number): LayerValue {
    // Each key and each value has at least one byte.
    if (depth >= MAX_DEPTH || 2 * size > this.#bytes.length - this.#at) throw UNREADABLE;
    const map: Record<string, LayerValue> = {};
    for (let index = 0; index < size; index += 1) {
      const key = this.#readKey();
      // Assigning it would change the object's prototype.
      if (key === "__proto__") throw UNREADABLE;
      map[key] = this.#readValue(depth + 1);
    }
    return Object.freeze(map);
  }

  #readArray(size: number, depth: number): LayerValue {
    if (depth >= MAX_DEPTH || size > this.#bytes.length - this.#at) throw UNREADABLE;
    const array: LayerValue[] = [];
    for (let index = 0; index < size; index += 1) array.push(this.#readValue(depth + 1));
    return Object.freeze(array);
  }

  /** A number as a key is its text, as in JSON. */
  #readKey(): string {
    const type = this.#view.getUint8(this.#at);
    if (type >= 0xa0 && type < 0xc0) {
      this.#at += 1;
      return this.#readShortKey(type & 0x1f);
    }
    const key = this.#readValue(MAX_DEPTH);
    if (typeof key !== "string" && typeof key !== "number") throw UNREADABLE;
    return String(key);
  }

  #readShortKey(length: number): string {
    const start = this.#skip(length);
    if (length === 0 || length > MAX_KEY_BYTES) return this.#bytes.toString("utf8", start, this.#at);
    const bytes = this.#bytes;
    const slot = (length * 31 + (bytes[start] ?? 0) * 7 + (bytes[this.#at - 1] ?? 0)) % REMEMBERED_KEYS;
    const remembered = this.#keys[slot];
    if (remembered !== undefined && isEqual(remembered.bytes, bytes, start, length)) return remembered.text;
    const text = bytes.toString("utf8", start, this.#at);
    // Copied: the bytes are a part of what was received, which would be kept as a whole.
    this.#keys[slot] = { bytes: new Uint8Array(bytes.subarray(start, this.#at)), text };
    return text;
  }

  #readText(length: number): string {
    const start = this.#skip(length);
    const bytes = this.#bytes;
    if (length > MAX_SHORT_TEXT) return bytes.toString("utf8", start, this.#at);
    let text = "";
    for (let at = start; at < this.#at; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte >= 0x80) return bytes.toString("utf8", start, this.#at);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** A copy: what was received is reused. */
  #readBytes(length: number): Uint8Array {
    const start = this.#skip(length);
    return new Uint8Array(this.#bytes.subarray(start, this.#at));
  }

  #readUint8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  #readUint16(): number {
    return this.#view.getUint16(this.#skip(2));
  }

  #readUint32(): number {
    return this.#view.getUint32(this.#skip(4));
  }

  #readUint64(): number | bigint {
    const start = this.#skip(8);
    const high = this.#view.getUint32(start);
    if (high < SAFE_HIGH) return high * 0x1_0000_0000 + this.#view.getUint32(start + 4);
    return this.#view.getBigUint64(start);
  }

  #readInt64(): number | bigint {
    const start = this.#skip(8);
    const high = this.#view.getInt32(start);
    if (high > -SAFE_HIGH && high < SAFE_HIGH) return high * 0x1_0000_0000 + this.#view.getUint32(start + 4);
    const value = this.#view.getBigInt64(start);
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }

  /** Moves on by a number of bytes, which have to be there. @returns where they begin */
  #skip(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw UNREADABLE;
    this.#at = start + length;
    return start;
  }
}

function isMessage(value: LayerValue): value is LayerMessage {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array) return false;
  return typeof (value as Readonly<Record<string, LayerValue>>).type === "string";
}

function isEqual(key: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (key.length !== length) return false;
  for (let index = 0; index < length; index += 1) if (key[index] !== bytes[start + index]) return false;
  return true;
}

function toFinite(value: number): number {
  if (!Number.isFinite(value)) throw UNREADABLE;
  // -0 becomes 0.
  return value + 0;
}
