import { expect, test } from "vitest";
import { Refusal } from "../../src/access/refusal.ts";
import { SignInGuard } from "../../src/http/security/sign-in-guard.ts";

class Clock {
  now = 1_000_000;
  readonly read = () => this.now;
}

const open = (perMinute = 2) => {
  const clock = new Clock();
  const guard = new SignInGuard(perMinute, clock.read);
  const attempt = (address: string, username: string): number | "taken" => {
    try {
      guard.beginAttempt(address, username);
      return "taken";
    } catch (error) {
      if (error instanceof Refusal && error.code === "RATE_LIMITED") return error.retryAfter ?? Number.NaN;
      throw error;
    }
  };
  return { clock, guard, attempt };
};

test("ends a window one minute after its first attempt, and returns the time left", () => {
  const { clock, attempt } = open();
  expect(attempt("192.0.2.1", "alice")).toBe("taken");
  clock.now += 20_000;
  expect(attempt("192.0.2.2", "alice")).toBe("taken");
  expect(attempt("192.0.2.3", "alice")).toBe(40);
  clock.now += 39_001;
  expect(attempt("192.0.2.3", "alice")).toBe(1);
  clock.now += 999;
  expect(attempt("192.0.2.3", "alice")).toBe("taken");
});

test("does not count a refused attempt", () => {
  const { attempt } = open();
  for (let n = 0; n < 50; n += 1) attempt("192.0.2.1", "alice");
  expect(attempt("192.0.2.1", "bob")).toBe("taken");
});

test("subtracts a success from both counters", () => {
  const { guard, attempt } = open(1);
  for (let n = 0; n < 20; n += 1) guard.beginAttempt("192.0.2.1", "alice")();
  expect(attempt("192.0.2.1", "alice")).toBe("taken");
  expect(attempt("192.0.2.1", "alice")).not.toBe("taken");
});

test("does not subtract a success from a later window", () => {
  const { clock, guard, attempt } = open(1);
  const succeeded = guard.beginAttempt("192.0.2.1", "alice");
  clock.now += 60_000;
  expect(attempt("192.0.2.1", "alice")).toBe("taken");
  succeeded();
  expect(attempt("192.0.2.1", "alice")).not.toBe("taken");
});

test("counts spellings of a username together, and addresses of one IPv6 network", () => {
  const { attempt } = open(1);
  expect(attempt("2001:db8::1", "Alice")).toBe("taken");
  expect(attempt("198.51.100.1", "ALICE")).not.toBe("taken");
  expect(attempt("198.51.100.1", "\uFF21lice")).not.toBe("taken");
  for (const username of ["b", "c", "d", "e"]) expect(attempt(`2001:db8::${username}`, username)).toBe("taken");
  expect(attempt("2001:db8::ffff", "f")).not.toBe("taken");
  expect(attempt("2001:db8:0:1::1", "f")).toBe("taken");
});
