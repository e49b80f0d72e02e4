import { afterAll, beforeAll, expect, test } from "vitest";
import { isSilent, mendedSteps } from "../golden/corrected-steps.ts";
import { golden } from "../golden/golden-file.ts";
import { openGoldenHouse } from "../golden/golden-world.ts";
import { runSteps } from "../golden/run-steps.ts";
import type { TestChat } from "../support/chat-server.ts";
import { RedisProcess } from "../support/redis-process.ts";

let redis: RedisProcess;
let chat: TestChat;
beforeAll(async () => {
  redis = await RedisProcess.start();
  chat = await openGoldenHouse(true, { REDIS_URL: redis.url });
});
afterAll(async () => {
  await chat?.close();
  await redis?.stop();
});

const overRedis = { bystander: "bystander" };
const kept = golden.keep.filter(({ settings }) => settings === undefined);
const mended = golden.mended.filter((one) => !isSilent(one));

test("there are cases of both kinds", () => {
  expect(kept.length).toBeGreaterThan(20);
  expect(mended.length).toBeGreaterThan(20);
});

test.each(kept)("over Redis as in memory: $case", async ({ steps }) => {
  await runSteps(chat, steps, overRedis);
});

test.each(mended)("over Redis as in memory: $case: $instead", async (one) => {
  await runSteps(chat, mendedSteps[one.case]?.(one) ?? [], overRedis);
});
