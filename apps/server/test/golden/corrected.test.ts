import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestChat } from "../support/chat-server.ts";
import { correctedSteps, isSilent } from "./corrected-steps.ts";
import { golden } from "./golden-file.ts";
import { startGoldenServer } from "./golden-server.ts";
import { runSteps } from "./run-steps.ts";

test("has steps for exactly the corrected cases", () => {
  expect(Object.keys(correctedSteps).sort()).toEqual(golden.mended.map(({ case: name }) => name).sort());
});

describe.each([
  { setting: "on", cases: golden.mended.filter((correction) => !isSilent(correction)), notify: true },
  { setting: "off", cases: golden.mended.filter(isSilent), notify: false },
])("corrects the original with notices $setting", ({ cases, notify }) => {
  let chat: TestChat;
  beforeAll(async () => {
    chat = await startGoldenServer({ notify });
  });
  afterAll(async () => {
    await chat.close();
  });
  test.each(cases)("$case: $instead", async (correction) => {
    const steps = correctedSteps[correction.case];
    expect(steps).toBeDefined();
    await runSteps(chat, steps?.(correction) ?? []);
  });
});
