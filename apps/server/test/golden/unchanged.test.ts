import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestChat } from "../support/chat-server.ts";
import { golden } from "./golden-file.ts";
import { startGoldenServer } from "./golden-server.ts";
import { runSteps } from "./run-steps.ts";

const notified = golden.keep.filter(({ settings }) => settings === undefined);
const silent = golden.keep.filter(({ settings }) => settings?.NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS === false);

test("runs every recorded case on one of the two servers below", () => {
  expect(golden.keep.length).toBeGreaterThan(30);
  expect(notified.length + silent.length).toBe(golden.keep.length);
});

describe.each([
  { setting: "on", cases: notified, notify: true },
  { setting: "off", cases: silent, notify: false },
])("matches the original with notices $setting", ({ cases, notify }) => {
  let chat: TestChat;
  beforeAll(async () => {
    chat = await startGoldenServer({ notify });
  });
  afterAll(async () => {
    await chat.close();
  });
  test.each(cases)("$case", async ({ steps }) => {
    await runSteps(chat, steps);
  });
});
