import { ChannelsError, type LayerOptions } from "@multichat/channels/layer";
import {
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
  readonly symmetricEncryptionKeys?: readonly (string | Uint8Array)[];
}

export interface ResolvedRedisOptions extends ResolvedConnectionOptions {
  readonly serializer: "msgpack" | "json";
  readonly symmetricEncryptionKeys: readonly (string | Uint8Array)[];
}

/** @throws InvalidOption naming the option that is out of bounds. */
export function resolveRedisOptions(options: RedisLayerOptions): ResolvedRedisOptions {
  const keys = options.symmetricEncryptionKeys ?? [];
  if (!Array.isArray(keys)) {
    throw new ChannelsError("InvalidOption", {
      option: "symmetricEncryptionKeys",
      expected: "a list of key phrases, the encrypting one first",
      got: typeof keys,
    });
  }
  const serializer = options.serializer ?? "msgpack";
  if (serializer !== "msgpack" && serializer !== "json") {
    throw new ChannelsError("InvalidOption", {
      option: "serializer",
      expected: '"msgpack" or "json"',
      got: serializer,
    });
  }
  return Object.freeze({ ...resolveConnectionOptions(options), serializer, symmetricEncryptionKeys: keys });
}
