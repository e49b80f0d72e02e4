import { createHash } from "node:crypto";
import { Command, type Redis } from "ioredis";

/** A Lua script that the server runs in one step; sent in full only to a server that does not know it yet. */
export class RedisScript {
  readonly #text: string;
  readonly #sha: string;

  constructor(text: string) {
    this.#text = text;
    this.#sha = createHash("sha1").update(text).digest("hex");
  }

  /**
   * Makes the server know it. Done before the first use: a run that finds it unknown and sends it in full comes after
   * runs that were begun later, and the order of sending would be lost (L4).
   */
  async load(redis: Redis): Promise<void> {
    await redis.script("LOAD", this.#text);
  }

  async run(redis: Redis, keys: readonly string[], values: readonly (string | number | Buffer)[]): Promise<unknown> {
    try {
      return await evaluate(redis, "evalsha", this.#sha, keys, values);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
      return await evaluate(redis, "eval", this.#text, keys, values);
    }
  }
}

/** As a command of its own, because replies must stay bytes: a queued message is no text. */
async function evaluate(
  redis: Redis,
  name: "eval" | "evalsha",
  script: string,
  keys: readonly string[],
  values: readonly (string | number | Buffer)[],
): Promise<unknown> {
  const command = new Command(name, [script, keys.length, ...keys, ...values], { replyEncoding: null });
  return await redis.sendCommand(command);
}
