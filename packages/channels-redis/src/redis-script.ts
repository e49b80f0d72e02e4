import { createHash } from "node:crypto";
import type { Redis } from "ioredis";

/** A Lua script that the server runs in one step; sent in full only to a server that does not know it yet. */
export class RedisScript {
  readonly #text: string;
  readonly #sha: string;

  constructor(text: string) {
    this.#text = text;
    this.#sha = createHash("sha1").update(text).digest("hex");
  }

  async run(redis: Redis, keys: readonly string[], values: readonly (string | number | Buffer)[]): Promise<unknown> {
    try {
      return await redis.callBuffer("EVALSHA", this.#sha, keys.length, ...keys, ...values);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
      return await redis.callBuffer("EVAL", this.#text, keys.length, ...keys, ...values);
    }
  }
}
