import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestChat } from "../support/chat-server.ts";
import { isSilent, mendedSteps } from "./corrected-steps.ts";
import { golden } from "./golden-file.ts";
import { openGoldenHouse } from "./golden-world.ts";
import { runSteps } from "./run-steps.ts";

test("every mended case says what is done instead, and nothing else does", () => {
  expect(Object.keys(mendedSteps).sort()).toEqual(golden.mended.map(({ case: name }) => name).sort());
});

describe.each([
  { setting: "on", cases: golden.mended.filter((mended) => !isSilent(mended)), notify: true },
  { setting: "off", cases: golden.mended.filter(isSilent), notify: false },
])("what is done instead of the original, notices $setting", ({ cases, notify }) => {
  let chat: TestChat;
  beforeAll(async () => {
    chat = await openGoldenHouse(notify);
  });
  afterAll(async () => {
    await chat.close();
  });
  test.each(cases)("$case: $instead", async (mended) => {
    const steps = mendedSteps[mended.case];
    expect(steps).toBeDefined();
    await runSteps(chat, steps?.(mended) ?? []);
  });
});
