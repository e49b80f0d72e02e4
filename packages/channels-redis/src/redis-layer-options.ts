import {
  ChannelsError,
  LAYER_OPTION_NAMES,
  type LayerOptions,
  type OptionNames,
  requireInteger,
} from "@multichat/channels/layer";
import { MAX_MESSAGE_BYTES } from "./codec/codec.ts";
import { type EncryptionKeys, resolveEncryptionKeys } from "./codec/encryption-keys.ts";
import {
  CONNECTION_OPTION_NAMES,
  type RedisConnectionOptions,
  type ResolvedConnectionOptions,
  resolveConnectionOptions,
} from "./connection/connection-options.ts";

/** The options that both Redis layers have. */
export interface RedisLayerOptions extends LayerOptions, RedisConnectionOptions {
  /**
   * The format of messages. Python processes need the same setting (`serializer_format`).
   * @default "msgpack"
   */
  readonly serializer?: "msgpack" | "json";
  /**
   * Key phrases for encryption: the first encrypts, all decrypt. Python's `symmetric_encryption_keys`.
   * @default []
   */
  readonly symmetricEncryptionKeys?: EncryptionKeys;
  /**
   * Bytes of a message on the server above which it is skipped unread, and reported to `onError`. 64 to 536_870_912.
   * @default 16_777_216
   */
  readonly maxMessageBytes?: number;
}

export const REDIS_OPTION_NAMES: OptionNames<RedisLayerOptions> = Object.freeze({
  ...CONNECTION_OPTION_NAMES,
  ...LAYER_OPTION_NAMES,
  serializer: true,
  symmetricEncryptionKeys: true,
  maxMessageBytes: true,
});

export interface ResolvedRedisOptions extends ResolvedConnectionOptions {
  readonly serializer: "msgpack" | "json";
  readonly symmetricEncryptionKeys: EncryptionKeys;
  readonly maxMessageBytes: number;
}

/** The longest value that Redis holds. */
const MAX_REDIS_BYTES = 536_870_912;

/** @throws InvalidOption naming the option that is out of bounds. */
export function resolveRedisOptions(options: RedisLayerOptions): ResolvedRedisOptions {
  const keys = resolveEncryptionKeys(options.symmetricEncryptionKeys);
  const serializer = options.serializer ?? "msgpack";
  if (serializer !== "msgpack" && serializer !== "json") {
    throw new ChannelsError("InvalidOption", {
      option: "serializer",
      expected: '"msgpack" or "json"',
      got: serializer,
    });
  }
  const maxMessageBytes = requireInteger(
    "maxMessageBytes",
    options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
    64,
    MAX_REDIS_BYTES,
  );
  return Object.freeze({
    ...resolveConnectionOptions(options),
    serializer,
    symmetricEncryptionKeys: keys,
    maxMessageBytes,
  });
}
