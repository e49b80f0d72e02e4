import { createHash } from "node:crypto";
import { Command, type Redis } from "ioredis";

/** A Lua script that the server runs atomically, called by its SHA-1 so that its text is sent once. */
export class RedisScript {
  readonly #text: string;
  readonly #sha: string;

  constructor(text: string) {
    this.#text = text;
    this.#sha = createHash("sha1").update(text).digest("hex");
  }

  /**
   * Caches the script on the server. Call it before the first `run`: a run that has to send the full text is overtaken by
   * runs that started later, which would break the order of messages (L4).
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

/** Builds the command by hand because replies must stay bytes: a queued message is not text. */
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
