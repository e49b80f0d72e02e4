import { randomFillSync } from "node:crypto";
import { Encoder } from "@msgpack/msgpack";
import { ChannelsError, freezeMessage, type LayerMessage, type LayerValue } from "@multichat/channels/layer";
import { Fernet } from "./fernet.ts";
import { MessageDecoder } from "./message-decoder.ts";

export interface CodecOptions {
  /**
   * The format of messages, the same in every process of a layer.
   * @default "msgpack"
   */
  readonly serializer?: "msgpack" | "json";
  /**
   * Key phrases; the first encrypts, every one decrypts. Empty: no encryption.
   * @default []
   */
  readonly symmetricEncryptionKeys?: readonly (string | Uint8Array)[];
  /** Whether 12 bytes precede each message, which make equal messages different members of a queue's sorted set. */
  readonly uniquePrefix: boolean;
  /** Seconds after which an encrypted message is refused. Undefined: never. */
  readonly maxAgeSeconds?: number;
  /**
   * Bytes above which a message from the server is refused unread.
   * @default 16_777_216
   */
  readonly maxMessageBytes?: number;
}

/** Encodes messages to bytes and decodes them, in the format of channels_redis. */
export interface Codec {
  /** @throws InvalidMessage where the serializer cannot carry a value (bytes in JSON). */
  encode(message: LayerMessage): Buffer;
  /** Returns a frozen message; undefined where the bytes are no message or too many, no key fits, or the message is too old. */
  decode(bytes: Uint8Array): LayerMessage | undefined;
}

/** The default of `maxMessageBytes`. */
export const MAX_MESSAGE_BYTES = 16_777_216;
const PREFIX_BYTES = 12;

export function makeCodec(options: CodecOptions): Codec {
  const keys = options.symmetricEncryptionKeys ?? [];
  const fernet = keys.length === 0 ? undefined : new Fernet(keys);
  const toBytes = options.serializer === "json" ? toJson : toMsgpack;
  const fromBytes = options.serializer === "json" ? fromJson : fromMsgpack;
  const prefixes = new UniquePrefixes();
  return {
    encode(message) {
      const plain = toBytes(message);
      const body = fernet === undefined ? plain : fernet.encrypt(plain);
      return options.uniquePrefix ? Buffer.concat([prefixes.next(), body]) : asBuffer(body);
    },
    decode(bytes) {
      if (bytes.byteLength > (options.maxMessageBytes ?? MAX_MESSAGE_BYTES)) return undefined;
      const body = options.uniquePrefix ? bytes.subarray(PREFIX_BYTES) : bytes;
      try {
        const plain = fernet === undefined ? body : fernet.decrypt(body, options.maxAgeSeconds);
        if (plain === undefined) return undefined;
        return fromBytes(plain);
      } catch {
        // Anything with access to the Redis can write anything there; bytes that are no message are not delivered.
        return undefined;
      }
    },
  };
}

/**
 * The prefixes of queued messages: a counter, then the random bytes of this process. Redis orders members of equal score
 * by their bytes, so the counter keeps the order of messages sent within one clock tick.
 */
class UniquePrefixes {
  readonly #random = randomFillSync(Buffer.alloc(6));
  #count = 0;

  next(): Buffer {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUIntBE(this.#count, 0, 6);
    this.#random.copy(prefix, 6);
    this.#count = (this.#count + 1) % 2 ** 48;
    return prefix;
  }
}

/** An encoder keeps a buffer as large as the longest message that it has encoded. Above this size it is replaced. */
const MAX_BUFFER_BYTES = 1_048_576;
const MSGPACK_OPTIONS = { useBigInt64: true } as const;
// Shared by all messages: creating an encoder costs as much as encoding a small message.
let encoder = new Encoder(MSGPACK_OPTIONS);
const decoder = new MessageDecoder();

function toMsgpack(message: LayerMessage): Uint8Array {
  const bytes = encoder.encode(withBigIntegers(message));
  if (bytes.byteLength > MAX_BUFFER_BYTES) encoder = new Encoder(MSGPACK_OPTIONS);
  return bytes;
}

function fromMsgpack(bytes: Uint8Array): LayerMessage | undefined {
  return decoder.decode(bytes);
}

function toJson(message: LayerMessage): Buffer {
  return Buffer.from(
    JSON.stringify(message, (key, value: unknown) => {
      if (value instanceof Uint8Array || typeof value === "bigint") {
        throw new ChannelsError("InvalidMessage", {
          path: `message…${key}`,
          expected: "a value that JSON can carry",
          got: typeof value === "bigint" ? "an integer beyond 2^53" : "bytes (the msgpack serializer carries them)",
        });
      }
      return value;
    }),
  );
}

/** @throws where the bytes are no message. */
function fromJson(bytes: Uint8Array): LayerMessage {
  return freezeMessage(JSON.parse(asBuffer(bytes).toString()));
}

/**
 * Converts integers beyond 32 bits to bigints: with bigints enabled the encoder writes such numbers as floats, and Python
 * would read 5000000000.0. Returns the value itself where there is nothing to convert, which is nearly always.
 */
function withBigIntegers(value: LayerValue | undefined): unknown {
  if (typeof value === "number") {
    return Number.isInteger(value) && (value > 0xffff_ffff || value < -0x8000_0000) && Number.isSafeInteger(value)
      ? BigInt(value)
      : value;
  }
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) {
    const converted = value.map(withBigIntegers);
    return converted.every((element, index) => element === value[index]) ? value : converted;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [key, member] of Object.entries(value)) {
    const converted = withBigIntegers(member);
    if (converted === member) continue;
    copy ??= { ...value };
    copy[key] = converted;
  }
  return copy ?? value;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
