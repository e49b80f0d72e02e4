import { ChannelsError, checkAlias, type LayerOptions, wholeOption } from "@multichat/channels/layer";
import type { LinkTiming } from "./heartbeat.ts";
import type { RedisHost } from "./hosts.ts";

/** What both Redis layers can be told. */
export interface RedisLayerOptions extends LayerOptions {
  /**
   * The servers. Several share the names between them (consistent hashing, as channels_redis does): every process must
   * name the same ones in the same order.
   * @default ["redis://localhost:6379"]
   */
  readonly hosts?: readonly RedisHost[];
  /**
   * In front of every key and topic: keeps layers on one Redis apart (L10). Python's default is the same. None should
   * be the beginning of another: keys are prefix and name in one, as in Python, and `flush` takes what begins with it.
   * @default "asgi"
   */
  readonly prefix?: string;
  /**
   * How messages are written; Python processes must be told the same (`serializer_format`).
   * @default "msgpack"
   */
  readonly serializer?: "msgpack" | "json";
  /**
   * Key phrases for encryption; the first encrypts, all decrypt. Python's `symmetric_encryption_keys`.
   * @default []
   */
  readonly symmetricEncryptionKeys?: readonly (string | Uint8Array)[];
  /**
   * Milliseconds that the first connection to a server may take (100 to 60,000).
   * @default 10_000
   */
  readonly connectTimeoutMs?: number;
  /**
   * Milliseconds between two pings of a connection (100 to 60,000); one without an answer by the next is lost.
   * @default 5_000
   */
  readonly pingMs?: number;
}

export interface ResolvedRedisOptions {
  readonly hosts: readonly RedisHost[];
  readonly prefix: string;
  readonly serializer: "msgpack" | "json";
  readonly symmetricEncryptionKeys: readonly (string | Uint8Array)[];
  readonly timing: LinkTiming;
}

/** @throws InvalidOption naming the option that is out of bounds. */
export function resolveRedisOptions(options: RedisLayerOptions): ResolvedRedisOptions {
  const hosts = options.hosts ?? ["redis://localhost:6379"];
  if (!Array.isArray(hosts) || hosts.length === 0) {
    throw new ChannelsError("InvalidOption", {
      option: "hosts",
      expected: "a list of at least one server",
      got: options.hosts,
    });
  }
  const prefix = options.prefix ?? "asgi";
  // A prefix becomes part of channel names, so it has their form (L1).
  checkAlias(prefix);
  const keys = options.symmetricEncryptionKeys ?? [];
  if (!Array.isArray(keys)) {
    throw new ChannelsError("InvalidOption", {
      option: "symmetricEncryptionKeys",
      expected: "a list of key phrases, the one that encrypts first",
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
  return Object.freeze({
    hosts,
    prefix,
    serializer,
    symmetricEncryptionKeys: keys,
    timing: Object.freeze({
      connectTimeoutMs: wholeOption("connectTimeoutMs", options.connectTimeoutMs ?? 10_000, 100, 60_000),
      pingMs: wholeOption("pingMs", options.pingMs ?? 5_000, 100, 60_000),
    }),
  });
}
