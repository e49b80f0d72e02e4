import { expect, test } from "vitest";
import { CommandRate } from "../../src/consumers/connection/command-rate.ts";

function rateAt(perSecond: number) {
  let now = 0;
  const rate = new CommandRate(perSecond, () => now);
  return {
    wait: (ms: number) => {
      now += ms;
    },
    take: () => rate.take(),
    pass: (count: number) =>
      Array.from({ length: count }, () => rate.take().kind).filter((kind) => kind === "pass").length,
  };
}

test("passes a burst of twice the rate, then refuses with a retry time", () => {
  const rate = rateAt(50);
  expect(rate.pass(100)).toBe(100);
  expect(rate.take()).toEqual({ kind: "refuse", retryAfter: 0.02 });
});

test("passes again after exactly the retry time", () => {
  const rate = rateAt(3);
  rate.pass(6);
  const verdict = rate.take();
  expect(verdict.kind).toBe("refuse");
  rate.wait(verdict.kind === "refuse" ? verdict.retryAfter * 1_000 : 0);
  expect(rate.take().kind).toBe("pass");
});

test("sustains the rate indefinitely, and saves up at most twice the rate", () => {
  const rate = rateAt(10);
  for (let second = 0; second < 100; second += 1) {
    rate.wait(1_000);
    expect(rate.pass(10)).toBe(10);
  }
  rate.wait(3_600_000);
  expect(rate.pass(100)).toBe(20);
});

test("refuses a slightly too fast client now and then, but never cuts it off", () => {
  const rate = rateAt(10);
  const kinds = new Set<string>();
  // 12 commands per second for 15 minutes.
  for (let i = 0; i < 12 * 900; i += 1) {
    rate.wait(1_000 / 12);
    kinds.add(rate.take().kind);
  }
  expect([...kinds].sort()).toEqual(["pass", "refuse"]);
});

test("cuts off a client that keeps flooding", () => {
  const rate = rateAt(10);
  const verdicts = Array.from({ length: 200 }, () => rate.take().kind);
  expect(verdicts.indexOf("flood")).toBe(20 + 40);
});
