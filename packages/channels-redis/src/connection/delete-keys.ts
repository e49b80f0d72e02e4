import type { Redis } from "ioredis";

/** Keys that one step of the scan looks at. */
const SCAN_COUNT = 1_000;

/** Deletes the keys of one server that match a pattern, step by step, so that others are served meanwhile. */
export async function deleteKeys(redis: Redis, pattern: string): Promise<void> {
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, "MATCH", pattern, "COUNT", SCAN_COUNT);
    // One by one: on a cluster they are in several slots.
    await Promise.all(keys.map((key) => redis.unlink(key)));
    cursor = next;
  } while (cursor !== "0");
}
