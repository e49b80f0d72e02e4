import { describe, expect, test } from "vitest";
import { bodyCost, replyCost } from "../../../src/access/work-cost.ts";
import { AccountBudgets, CommandRate } from "../../../src/consumers/connection/command-rate.ts";

function rateAt(perSecond: number) {
  let now = 0;
  const rate = new CommandRate(perSecond, { now: () => now });
  return {
    wait: (ms: number) => {
      now += ms;
    },
    take: () => rate.take(),
    charge: (cost: number) => rate.charge(cost),
    pass: (count: number) =>
      Array.from({ length: count }, () => rate.take().kind).filter((kind) => kind === "pass").length,
  };
}

test("passes a burst of twice the rate, then refuses with a retry time", () => {
  const rate = rateAt(50);
  expect(rate.pass(100)).toBe(100);
  expect(rate.take()).toEqual({ kind: "refuse", retryAfter: 0.02, pauseMs: 0 });
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

test("refuses a slightly too fast client now and then, but never slows it down", () => {
  const rate = rateAt(10);
  const pauses = new Set<number>();
  let refused = 0;
  // 12 commands per second for 15 minutes.
  for (let i = 0; i < 12 * 900; i += 1) {
    rate.wait(1_000 / 12);
    const verdict = rate.take();
    if (verdict.kind === "pass") continue;
    refused += 1;
    pauses.add(verdict.pauseMs);
  }
  expect(refused).toBeGreaterThan(0);
  expect([...pauses]).toEqual([0]);
});

test.each([1, 5, 10, 50, 1_000])(
  "slows down a client that keeps flooding a rate of %s, and forgives it",
  (perSecond) => {
    const rate = rateAt(perSecond);
    const pauses = Array.from({ length: 8 * perSecond }, () => rate.take()).map((verdict) =>
      verdict.kind === "refuse" ? verdict.pauseMs : -1,
    );
    expect(pauses.indexOf(0), "a burst of twice the rate").toBe(2 * perSecond);
    expect(pauses.findIndex((pauseMs) => pauseMs > 0)).toBe(2 * perSecond + 4 * perSecond);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(100);
    rate.wait(5_000);
    expect(rate.take().kind).toBe("pass");
  },
);

describe("the connections of one account share a rate, however many they are", () => {
  test.each([2, 3, 5, 20, 50, 100])("%s of them have that of two", (connections) => {
    const budgets = new AccountBudgets(10);
    const now = performance.now();
    const open = (user: string) => new CommandRate(10, { account: budgets.of(user), now: () => now });
    const rates = Array.from({ length: connections }, () => open("alice"));
    let passed = 0;
    for (let i = 0; i < 50; i += 1) for (const rate of rates) if (rate.take().kind === "pass") passed += 1;
    expect(passed).toBe(40);
    expect(open("alice").take().kind, "a new connection has no rate of its own").toBe("refuse");
    expect(open("bob").take().kind, "others are not affected").toBe("pass");
  });
});

test.each([
  ["an ordinary message", "hello", 0],
  ["a long message", "x".repeat(10_000), 5],
  ["a message of 100,000 characters", "x".repeat(100_000), 50],
  ["a long message of accented letters", "é".repeat(10_000), 10],
  ["a long message of ideographs", "一".repeat(10_000), 15],
  ["a long message of emoji", "👍".repeat(10_000), 20],
  ["the character that grows the most", "\ufdfa".repeat(10_000), 15],
])("%s costs what its length does", (_, body, cost) => {
  expect(bodyCost(body)).toBe(cost);
});

test("after an expensive command, the next ones wait for what it cost", () => {
  const rate = rateAt(10);
  expect(rate.take().kind).toBe("pass");
  rate.charge(24);
  expect(rate.take()).toEqual({ kind: "refuse", retryAfter: 0.6, pauseMs: 0 });
  rate.wait(600);
  expect(rate.pass(5)).toBe(1);
  rate.charge(1_000_000);
  rate.wait(2_200);
  expect(rate.pass(5), "a debt is bounded").toBe(2);
});

test.each([
  ["of an ordinary page", 20_000, 0],
  ["of a page of the longest messages", 100_000, 4],
  ["of all missed rooms", 400_000, 16],
])("a reply is charged by its length: that %s", (_name, chars, cost) => {
  expect(replyCost("x".repeat(chars))).toBe(cost);
  expect(replyCost("一".repeat(chars / 4)), "by its bytes").toBe(Math.floor((3 * chars) / 4 / 25_000));
});
