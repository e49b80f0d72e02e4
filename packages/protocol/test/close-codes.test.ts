import { CLOSE_CODES, getReconnectPolicy } from "@multichat/protocol";
import { expect, test } from "vitest";

test.each([
  [4000, "immediate"],
  [4099, "immediate"],
  [4100, "backoff"],
  [4199, "backoff"],
  [4200, "never"],
  [4299, "never"],
] as const)("derives the policy of %i from its range: %s", (code, policy) => {
  expect(getReconnectPolicy(code)).toBe(policy);
});

test.each([1000, 1001, 1006, 1009, 1011, 1012, 1013, 3000, 3999, 4300, 4999])(
  "reconnects with backoff after %i, which is in no range",
  (code) => {
    expect(getReconnectPolicy(code)).toBe("backoff");
  },
);

test("gives every named code the policy of its range, and no two names the same code", () => {
  const { RECONNECT, DRAINING, TOO_SLOW, HEARTBEAT_LOST, SIGNED_OUT, BANNED, PROTOCOL_ERROR } = CLOSE_CODES;
  expect([RECONNECT].map(getReconnectPolicy)).toEqual(["immediate"]);
  expect([DRAINING, TOO_SLOW, HEARTBEAT_LOST].map(getReconnectPolicy)).toEqual(["backoff", "backoff", "backoff"]);
  expect([SIGNED_OUT, BANNED, PROTOCOL_ERROR].map(getReconnectPolicy)).toEqual(["never", "never", "never"]);
  expect(new Set(Object.values(CLOSE_CODES)).size).toBe(Object.keys(CLOSE_CODES).length);
});
