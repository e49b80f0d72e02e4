import fc from "fast-check";
import { expect, test } from "vitest";
import { safeNextPath, signInPath } from "../../src/navigation/next-path.ts";

test("a page of ours is returned to as it was asked for", () => {
  expect(safeNextPath("/rooms/3")).toBe("/rooms/3");
  expect(safeNextPath("/rooms/3?open=1,3#end")).toBe("/rooms/3?open=1,3#end");
});

test.each([
  null,
  undefined,
  "",
  "rooms/3",
  "https://evil.example",
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/.//evil.example",
  "/x/..//evil.example",
  "javascript:alert(1)",
  "data:text/html,x",
  "/login?next=/login",
  "/api/auth/sign-out",
])("%j leads to the front door", (asked) => {
  expect(safeNextPath(asked)).toBe("/");
});

test("whatever is asked for, a browser stays on this origin", () => {
  const pieces = fc.constantFrom(
    "/",
    "//",
    "\\",
    ".",
    "..",
    ":",
    "@",
    "?",
    "#",
    "%2f",
    "%5c",
    "\t",
    "\n",
    "\r",
    "\u0000",
    "evil.example",
    "a",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const next = safeNextPath(parts.join(""));
      const url = new URL(next, "https://chat.example/login");
      expect(url.origin).toBe("https://chat.example");
      // What is safe stays safe and the same when it is looked at again.
      expect(safeNextPath(next)).toBe(next);
    }),
    { numRuns: 2000 },
  );
});

test("the way to the door carries the way back", () => {
  expect(signInPath("/rooms/3?open=1,3")).toBe("/login?next=%2Frooms%2F3%3Fopen%3D1%2C3");
  expect(signInPath("/")).toBe("/login");
});
