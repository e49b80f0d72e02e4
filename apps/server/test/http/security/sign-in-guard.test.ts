import { describe, expect, test } from "vitest";
import { Refusal } from "../../../src/access/refusal.ts";
import { type SignInAttempt, SignInGuard } from "../../../src/http/security/sign-in-guard.ts";

class Clock {
  now = 1_000_000;
  readonly read = () => this.now;
}

const open = (allowance = 2) => {
  const clock = new Clock();
  const guard = new SignInGuard(allowance, { now: clock.read });
  /** Returns the seconds to wait, or 0 for an attempt that is accepted. */
  const attempt = (address: string, username: string, known: Partial<SignInAttempt> = {}): number =>
    secondsOf(() => guard.beginAttempt({ address, username, ...known }));
  const confirm = (session: string): number => secondsOf(() => guard.beginConfirmation(session));
  return { clock, guard, attempt, confirm };
};

function secondsOf(attempt: () => void): number {
  try {
    attempt();
    return 0;
  } catch (error) {
    if (error instanceof Refusal && error.code === "RATE_LIMITED") return error.retryAfter ?? Number.NaN;
    throw error;
  }
}

test("the delay doubles with each failure up to 15 minutes, and a waiting attempt does not count", () => {
  const { clock, attempt } = open(3);
  for (let n = 0; n < 3; n += 1) expect(attempt("192.0.2.1", "alice")).toBe(0);
  for (const seconds of [10, 20, 40, 80, 160, 320, 640, 900, 900]) {
    for (let n = 0; n < 20; n += 1) expect(attempt("192.0.2.1", "alice")).toBe(seconds);
    clock.now += seconds * 1000 - 1;
    expect(attempt("192.0.2.1", "alice")).toBe(1);
    clock.now += 1;
    expect(attempt("192.0.2.1", "alice")).toBe(0);
  }
});

test("a success forgets the failures of the account at this address", () => {
  const { guard, attempt } = open(2);
  expect(attempt("192.0.2.1", "alice")).toBe(0);
  guard.beginAttempt({ address: "192.0.2.1", username: "alice" })();
  expect(attempt("192.0.2.1", "alice")).toBe(0);
  expect(attempt("192.0.2.1", "alice")).toBe(0);
  expect(attempt("192.0.2.1", "alice")).toBe(10);
});

describe("a lock-out that strangers cause", () => {
  test("does not reach the owner at another address, from however many addresses they guess", () => {
    const { attempt } = open(10);
    for (let n = 0; n < 200; n += 1) {
      for (let again = 0; again < 20; again += 1) attempt(`198.51.${n}.1`, "alice");
    }
    expect(attempt("192.0.2.1", "alice"), "an address that nobody knows").toBe(0);
    expect(attempt("192.0.2.2", "alice", { knownAddresses: ["192.0.2.2"] })).toBe(0);
    expect(attempt("198.51.0.1", "alice"), "premise: they are locked out").toBeGreaterThan(0);
  });

  test("does not reach a device of the account behind the same address", () => {
    const { attempt } = open(2);
    for (let n = 0; n < 100; n += 1) attempt("192.0.2.1", "alice");
    for (let n = 0; n < 100; n += 1) attempt("192.0.2.1", `name${n}`);
    expect(attempt("192.0.2.1", "alice")).toBeGreaterThan(0);
    expect(attempt("192.0.2.1", "alice", { device: "her laptop" })).toBe(0);
    expect(attempt("192.0.2.1", "alice", { device: "her telephone" })).toBe(0);
  });

  test("does not reach accounts that use an address when it is full", () => {
    const { attempt } = open(2);
    for (let n = 0; n < 100; n += 1) attempt("192.0.2.1", `name${n}`);
    expect(attempt("192.0.2.1", "bob"), "premise: it is full").toBeGreaterThan(0);
    expect(attempt("192.0.2.1", "carol", { knownAddresses: ["203.0.113.9", "192.0.2.1"] })).toBe(0);
  });

  test("does not reach a signed-in user who confirms their own password", () => {
    const { attempt, confirm } = open(2);
    for (let n = 0; n < 100; n += 1) attempt("192.0.2.1", "alice", { device: n % 2 === 0 ? "laptop" : null });
    expect(confirm("her session")).toBe(0);
    for (let n = 0; n < 5; n += 1) confirm("a stolen session");
    expect(confirm("a stolen session")).toBe(10);
    expect(confirm("her session")).toBe(0);
  });

  test("leaves an allowance of two attempts to unknown addresses while the account is being guessed", () => {
    const { attempt } = open(10);
    for (let n = 0; n < 100; n += 1) attempt(`198.51.${n}.1`, "alice");
    expect([1, 2, 3].map(() => attempt("192.0.2.1", "alice"))).toEqual([0, 0, 10]);
    expect([1, 2, 3].map(() => attempt("192.0.2.1", "bob"))).toEqual([0, 0, 0]);
  });

  test("gives an address of the account twice the allowance", () => {
    const { attempt } = open(2);
    const known = { knownAddresses: ["2001:db8::5"] };
    expect([1, 2, 3, 4, 5].map(() => attempt("2001:db8::1", "alice", known))).toEqual([0, 0, 0, 0, 10]);
  });
});

test.each([
  ["admin", "admın"],
  ["admin", "ADMIN"],
  ["admin", "ａｄｍｉｎ"],
  ["straße", "strasse"],
  ["straße", "STRASSE"],
  ["ﬁona", "fiona"],
  ["οδοσ", "οδος"],
  ["Ünï", "u\u0308ni\u0308"],
  ["kelvin", "\u212Aelvin"],
  ["k²", "k2"],
  ["ſam", "sam"],
])("spellings of one name share one allowance: %s and %s", (one, other) => {
  const { attempt } = open(2);
  expect([attempt("192.0.2.1", one), attempt("192.0.2.1", other)]).toEqual([0, 0]);
  expect([attempt("192.0.2.1", one), attempt("192.0.2.1", other)]).toEqual([10, 10]);
  expect(attempt("192.0.2.1", "somebody.else")).toBe(0);
});

test("addresses of one IPv6 network share one allowance, and an address has five times as many attempts for all names", () => {
  const { attempt } = open(1);
  for (const username of ["a", "b", "c", "d", "e"]) expect(attempt(`2001:db8::${username}`, username)).toBe(0);
  expect(attempt("2001:db8::ffff", "f")).toBe(60);
  expect(attempt("2001:db8:0:1::1", "f")).toBe(0);
});
