import { expect, test } from "vitest";
import { HandoverPace } from "../../src/main/handover/handover-pace.ts";

/** Reports after the pace has begun to wait for it. */
async function batchAfter(pace: HandoverPace, load: { connections: number; delayMs: number }): Promise<number> {
  const batch = pace.nextBatch(1_000);
  pace.report(load);
  return await batch;
}

test("lets as many clients leave as have arrived, and none while the successor is late", async () => {
  const pace = new HandoverPace();
  const first = await batchAfter(pace, { connections: 7, delayMs: 1 });
  expect(first).toBeGreaterThan(10);
  expect(await batchAfter(pace, { connections: 7, delayMs: 1 }), "none has arrived").toBe(0);
  expect(await batchAfter(pace, { connections: 7 + 5, delayMs: 1 })).toBe(5);
  expect(await batchAfter(pace, { connections: 7 + 5 + 9, delayMs: 500 }), "it is late").toBe(0);
  expect(await batchAfter(pace, { connections: 7 + 5 + 9, delayMs: 1 })).toBe(9);
});

test("never asks more clients than remain", async () => {
  const pace = new HandoverPace();
  const batch = pace.nextBatch(3);
  pace.report({ connections: 0, delayMs: 0 });
  expect(await batch).toBe(3);
});

test.each([50, 5_000])("asks all of %s clients within a minute where the successor is always late", async (clients) => {
  let nowMs = 0;
  const pace = new HandoverPace(() => nowMs);
  const batches: number[] = [];
  let remaining = clients;
  while (remaining > 0 && nowMs <= 120_000) {
    const batch = pace.nextBatch(remaining);
    nowMs += 500;
    pace.report({ connections: 0, delayMs: 500 });
    batches.push(await batch);
    remaining -= batches.at(-1) ?? 0;
  }
  expect(remaining).toBe(0);
  expect(nowMs).toBeLessThanOrEqual(60_000);
  // Spread over the time, not all at its end.
  expect(Math.max(...batches)).toBeLessThanOrEqual(Math.ceil(clients / 100));
});

test("asks them also where it says nothing", async () => {
  let nowMs = 0;
  const pace = new HandoverPace(() => nowMs);
  const batch = pace.nextBatch(600);
  nowMs += 1_000;
  expect(await batch).toBe(10);
});
