import { afterAll, beforeAll, expect, test } from "vitest";
import { golden } from "../golden/golden-file.ts";
import { openGoldenHouse } from "../golden/golden-house.ts";
import { runSteps } from "../golden/run-steps.ts";
import type { TestChat } from "../support/chat-server.ts";
import { ClassicClient } from "../support/classic-client.ts";
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

/** Where a connection's own answers stand among what comes from the room depends on the way over Redis; see below. */
const BURST = "join, send, leave, send in one burst";
const cases = golden.keep.filter(({ settings, case: name }) => settings === undefined && name !== BURST);

test("there are recorded cases", () => {
  expect(cases.length).toBeGreaterThan(20);
  expect(golden.keep.map(({ case: name }) => name)).toContain(BURST);
});

test.each(cases)("over Redis as in memory: $case", async ({ steps }) => {
  await runSteps(chat, steps);
});

test("over Redis who says something and leaves in one burst still hears it, in order, and then nothing more", async () => {
  const { cookie } = await chat.session("alice");
  const alice = await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie }).settled();
  alice.send({ command: "join", room: 1 });
  alice.send({ command: "send", room: 1, message: "one" });
  alice.send({ command: "send", room: 1, message: "two" });
  alice.send({ command: "leave", room: 1 });
  alice.send({ command: "send", room: 1, message: "three" });
  const got = await alice.gets(6);
  const there = { room: 1, username: "alice" };
  expect(got.filter((frame) => "msg_type" in (frame as object))).toEqual([
    { msg_type: 0, message: "one", ...there },
    { msg_type: 0, message: "two", ...there },
    { msg_type: 5, ...there },
  ]);
  expect(got.filter((frame) => !("msg_type" in (frame as object)))).toEqual([
    { join: "1", title: "General" },
    { leave: "1" },
    { error: "ROOM_ACCESS_DENIED" },
  ]);
  alice.close();
});
