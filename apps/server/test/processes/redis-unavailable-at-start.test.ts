import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serve } from "../../src/main.ts";
import { testConfig } from "../support/chat-server.ts";
import { RedisProcess } from "../support/redis/redis-process.ts";

let redis: RedisProcess;
let dataDir: string;
beforeAll(async () => {
  redis = await RedisProcess.start("--requirepass", "the right password");
  dataDir = await mkdtemp(join(tmpdir(), "multichat-refused-"));
});
afterAll(async () => {
  await redis?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test("fails at once where Redis rejects the password, with the variable's name and without the password", async () => {
  const url = redis.url.replace("//", "//:hunter2@");
  const starting = serve(testConfig(dataDir, { REDIS_URL: url, LOG_LEVEL: "silent" }));
  const error = await starting.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: "StartError" });
  expect(String(error)).toContain(`REDIS_URL: expected a Redis that answers at ${redis.url}. Redis refused`);
  expect(String(error)).not.toContain("hunter2");
});
