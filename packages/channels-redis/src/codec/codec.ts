import { randomFillSync } from "node:crypto";
import { Decoder, Encoder } from "@msgpack/msgpack";
import { ChannelsError, freezeMessage, type LayerMessage, type LayerValue } from "@multichat/channels/layer";
import { Fernet } from "./fernet.ts";

export interface CodecOptions {
  /**
   * How a message is written. Every process on the same layer must say the same.
   * @default "msgpack"
   */
  readonly serializer?: "msgpack" | "json";
  /**
   * Key phrases; the first encrypts, every one decrypts. Empty: no encryption.
   * @default []
   */
  readonly symmetricEncryptionKeys?: readonly (string | Uint8Array)[];
  /** Bytes in front of each message that make equal messages different members of a sorted set: 12 on queues, else 0. */
  readonly uniquePrefix: boolean;
  /** Seconds after which an encrypted message is refused; none: never. */
  readonly maxAgeSeconds?: number;
}

/** Messages to bytes and back, as channels_redis writes and reads them. */
export interface Codec {
  /** @throws InvalidMessage where the serializer cannot carry a value (bytes in JSON). */
  encode(message: LayerMessage): Buffer;
  /** A frozen message, or undefined: not a message, no key fits, too old. */
  decode(bytes: Uint8Array): LayerMessage | undefined;
}

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
      const body = options.uniquePrefix ? bytes.subarray(PREFIX_BYTES) : bytes;
      try {
        const plain = fernet === undefined ? body : fernet.decrypt(body, options.maxAgeSeconds);
        if (plain === undefined) return undefined;
        return freezeMessage(fromBytes(plain));
      } catch {
        // Whoever can write to the Redis can write anything there; what is no message is not delivered.
        return undefined;
      }
    },
  };
}

/**
 * The prefix of a queued message: a counter, then this process's random part. Members of equal score are ordered by
 * their bytes, so within one process's clock tick the counter keeps the order of sending.
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

/** An encoder keeps a buffer of the size of the longest message that it wrote; beyond this it is not kept, in bytes. */
const MAX_KEPT_BUFFER_BYTES = 1_048_576;
const MSGPACK_OPTIONS = { useBigInt64: true } as const;
// One for all messages: setting up a new one costs as much as a small message itself.
let encoder = new Encoder(MSGPACK_OPTIONS);
const decoder = new Decoder(MSGPACK_OPTIONS);

function toMsgpack(message: LayerMessage): Uint8Array {
  const bytes = encoder.encode(withBigIntegers(message));
  if (bytes.byteLength > MAX_KEPT_BUFFER_BYTES) encoder = new Encoder(MSGPACK_OPTIONS);
  return bytes;
}

function fromMsgpack(bytes: Uint8Array): unknown {
  return decoder.decode(bytes);
}

function toJson(message: LayerMessage): Buffer {
  return Buffer.from(
    JSON.stringify(message, (key, value: unknown) => {
      if (value instanceof Uint8Array || typeof value === "bigint") {
        throw new ChannelsError("InvalidMessage", {
          path: `message…${key}`,
          expected: "a value that JSON has",
          got: typeof value === "bigint" ? "an integer beyond 2^53" : "bytes (the msgpack serializer carries them)",
        });
      }
      return value;
    }),
  );
}

function fromJson(bytes: Uint8Array): unknown {
  return JSON.parse(asBuffer(bytes).toString());
}

/**
 * The encoder writes numbers beyond 32 bits as floats when bigints are on; Python would then see 5000000000.0. Integers
 * of that size become bigints first. Returns the value itself where there is none, which is nearly always.
 */
function withBigIntegers(value: LayerValue | undefined): unknown {
  if (typeof value === "number") {
    return Number.isInteger(value) && (value > 0xffff_ffff || value < -0x8000_0000) && Number.isSafeInteger(value)
      ? BigInt(value)
      : value;
  }
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) {
    const wide = value.map(withBigIntegers);
    return wide.every((element, index) => element === value[index]) ? value : wide;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [key, member] of Object.entries(value)) {
    const wide = withBigIntegers(member);
    if (wide === member) continue;
    copy ??= { ...value };
    copy[key] = wide;
  }
  return copy ?? value;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
