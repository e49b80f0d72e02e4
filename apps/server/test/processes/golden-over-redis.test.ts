import { afterAll, beforeAll, expect, test } from "vitest";
import { correctedSteps, isSilent } from "../golden/corrected-steps.ts";
import { golden } from "../golden/golden-file.ts";
import { startGoldenServer } from "../golden/golden-server.ts";
import { runSteps } from "../golden/run-steps.ts";
import type { TestChat } from "../support/chat-server.ts";
import { RedisProcess } from "../support/redis/redis-process.ts";

let redis: RedisProcess;
let chat: TestChat;
beforeAll(async () => {
  redis = await RedisProcess.start();
  chat = await startGoldenServer({ notify: true }, { REDIS_URL: redis.url });
});
afterAll(async () => {
  await chat?.close();
  await redis?.stop();
});

const redisOptions = { bystander: "bystander" };
const unchanged = golden.keep.filter(({ settings }) => settings === undefined);
const corrected = golden.mended.filter((correction) => !isSilent(correction));

test("the golden file has cases of both kinds", () => {
  expect(unchanged.length).toBeGreaterThan(20);
  expect(corrected.length).toBeGreaterThan(20);
});

test.each(unchanged)("matches the recording over Redis: $case", async ({ steps }) => {
  await runSteps(chat, steps, redisOptions);
});

test.each(corrected)("matches the correction over Redis: $case: $instead", async (correction) => {
  await runSteps(chat, correctedSteps[correction.case]?.(correction) ?? [], redisOptions);
});
