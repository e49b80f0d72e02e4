import { expect, test } from "vitest";
import { BackgroundErrors } from "../../src/store/background-errors.ts";
import { StoreError } from "../../src/store/store-error.ts";

test("reports each different reason once, and one that lasts once a minute", () => {
  let now = 0;
  const reported: string[] = [];
  const errors = new BackgroundErrors(
    ({ message }, task) => reported.push(`${now / 1_000}: ${task}: ${message}`),
    () => now,
  );
  for (; now < 120_000; now += 200) {
    errors.report("index messages", new StoreError("full", "the disk is full"));
    if (now === 30_000) errors.report("index messages", new StoreError("io", "the disk reported an error"));
    if (now === 50_000) errors.report("reload rooms", new StoreError("failed", "a fault"));
    if (now === 70_000) errors.report("reload rooms", new StoreError("closed", "the store is closed"));
  }
  expect(reported).toEqual([
    "0: index messages: the disk is full",
    "30: index messages: the disk reported an error",
    "50: reload rooms: a fault",
    "60: index messages: the disk is full",
  ]);
});

test.each([
  ["two that take turns", 2, 4],
  ["a different one each time", 1_000, 20],
])("reports few of many reasons: %s", (_what, reasons, expected) => {
  let now = 0;
  let reported = 0;
  const errors = new BackgroundErrors(
    () => {
      reported += 1;
    },
    () => now,
  );
  for (let count = 0; now < 120_000; now += 200, count += 1) {
    errors.report("reload rooms", new StoreError("io", `reason ${count % reasons}`));
  }
  expect(reported).toBe(expected);
});
