import { expect, test } from "vitest";
import { HandoverPace } from "../../src/main/handover-pace.ts";

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

test("asks one client after another where the successor says nothing", async () => {
  expect(await new HandoverPace().nextBatch(10)).toBe(1);
});
