import { CLOSE_CODES, closeAdvice } from "@multichat/protocol";
import { expect, test } from "vitest";

test.each([
  [4000, "at-once"],
  [4099, "at-once"],
  [4100, "backoff"],
  [4199, "backoff"],
  [4200, "stay-away"],
  [4299, "stay-away"],
] as const)("the range of %i says %s, also for a code that is not in the table", (code, advice) => {
  expect(closeAdvice(code)).toBe(advice);
});

test.each([1000, 1001, 1006, 1009, 1011, 1012, 1013, 3000, 3999, 4300, 4999])(
  "a code of no range, %i, means coming back with growing pauses",
  (code) => {
    expect(closeAdvice(code)).toBe("backoff");
  },
);

test("every code of the table means what its range means, and none stands twice", () => {
  const { RECONNECT, DRAINING, TOO_SLOW, HEARTBEAT_LOST, SIGNED_OUT, BANNED, PROTOCOL_ERROR } = CLOSE_CODES;
  expect([RECONNECT].map(closeAdvice)).toEqual(["at-once"]);
  expect([DRAINING, TOO_SLOW, HEARTBEAT_LOST].map(closeAdvice)).toEqual(["backoff", "backoff", "backoff"]);
  expect([SIGNED_OUT, BANNED, PROTOCOL_ERROR].map(closeAdvice)).toEqual(["stay-away", "stay-away", "stay-away"]);
  expect(new Set(Object.values(CLOSE_CODES)).size).toBe(Object.keys(CLOSE_CODES).length);
});
