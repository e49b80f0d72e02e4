import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NoticeLimiter } from "../../src/presence/notice-limiter.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function limiterAt({ burst = 4, perSecond = 2 } = {}) {
  const sent: boolean[] = [];
  const limiter = new NoticeLimiter({ burst, perSecond }, () => performance.now());
  return {
    limiter,
    sent,
    notify: (isOn: boolean, key = "room user") =>
      limiter.publish(key, { isOn, send: async () => void sent.push(isOn) }),
  };
}

describe("a state that a user switches on and off costs the others a bounded number of notices", () => {
  test.each([
    ["300 times at once", 300, 0],
    ["at the rate of a connection", 620, 20],
    ["at the rate of an account", 1_000, 10],
    ["every 100 ms", 300, 100],
    ["every 333 ms", 100, 333],
  ])("%s", async (_, times, everyMs) => {
    const { sent, notify } = limiterAt();
    for (let i = 0; i < times; i += 1) {
      await notify(i % 2 === 0);
      await vi.advanceTimersByTimeAsync(everyMs);
    }
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.length).toBeLessThanOrEqual(4 + Math.ceil((times * everyMs) / 500) + 2);
    expect(sent.at(-1), "the last state is published in the end").toBe(false);
  });

  test("whatever the times between them, and the last one published is the last one given", async () => {
    const steps = fc.array(fc.record({ isOn: fc.boolean(), waitMs: fc.nat(700) }), { minLength: 1, maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const { sent, notify } = limiterAt();
        let elapsedMs = 0;
        for (const { isOn, waitMs } of given) {
          await notify(isOn);
          await vi.advanceTimersByTimeAsync(waitMs);
          elapsedMs += waitMs;
        }
        await vi.advanceTimersByTimeAsync(10_000);
        expect(sent.length).toBeLessThanOrEqual(4 + Math.ceil(elapsedMs / 500) + 2);
        expect(sent.at(-1)).toBe(given.at(-1)?.isOn);
      }),
    );
  });

  test("at an ordinary pace every change is published at once", async () => {
    const { sent, notify } = limiterAt();
    for (let i = 0; i < 20; i += 1) {
      await notify(i % 2 === 0);
      expect(sent).toHaveLength(i + 1);
      await vi.advanceTimersByTimeAsync(1_000);
    }
  });
});

test("a start that waits is not published after the message that ends it", async () => {
  const { limiter, sent, notify } = limiterAt({ burst: 1 });
  await notify(true);
  await notify(false);
  await notify(true);
  limiter.switchedOff("room user");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sent).toEqual([true]);
});

test("forgets users and rooms that are quiet", async () => {
  const { limiter, notify } = limiterAt();
  for (let round = 0; round < 10; round += 1) {
    for (let i = 0; i < 1_000; i += 1) await notify(true, `${round} ${i}`);
    await vi.advanceTimersByTimeAsync(5_000);
  }
  expect(limiter.size).toBeLessThanOrEqual(2_000);
});
