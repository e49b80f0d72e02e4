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

test("twice the rate passes at once, and the next is told when to come again", () => {
  const rate = rateAt(50);
  expect(rate.pass(100)).toBe(100);
  expect(rate.take()).toEqual({ kind: "refuse", retryAfter: 0.02 });
});

test("waiting as long as it was told is enough", () => {
  const rate = rateAt(3);
  rate.pass(6);
  const verdict = rate.take();
  expect(verdict.kind).toBe("refuse");
  rate.wait(verdict.kind === "refuse" ? verdict.retryAfter * 1_000 : 0);
  expect(rate.take().kind).toBe("pass");
});

test("the rate itself is sustained for ever, and never more than twice as much is saved up", () => {
  const rate = rateAt(10);
  for (let second = 0; second < 100; second += 1) {
    rate.wait(1_000);
    expect(rate.pass(10)).toBe(10);
  }
  rate.wait(3_600_000);
  expect(rate.pass(100)).toBe(20);
});

test("who is a little too quick is refused now and then, and never cut off", () => {
  const rate = rateAt(10);
  const kinds = new Set<string>();
  // 12 a second, for a quarter of an hour.
  for (let i = 0; i < 12 * 900; i += 1) {
    rate.wait(1_000 / 12);
    kinds.add(rate.take().kind);
  }
  expect([...kinds].sort()).toEqual(["pass", "refuse"]);
});

test("who goes on flooding is cut off", () => {
  const rate = rateAt(10);
  const verdicts = Array.from({ length: 200 }, () => rate.take().kind);
  expect(verdicts.indexOf("flood")).toBe(20 + 40);
});
