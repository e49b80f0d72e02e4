import fc from "fast-check";
import { expect, test } from "vitest";
import { safeNextPath, signInPath } from "../../src/navigation/next-path.ts";

test("returns to a page of this site", () => {
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
])("replaces %j by the start page", (requested) => {
  expect(safeNextPath(requested)).toBe("/");
});

test("keeps the browser on this origin for any input", () => {
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
      // A safe path is returned unchanged.
      expect(safeNextPath(next)).toBe(next);
    }),
    { numRuns: 2000 },
  );
});

test("adds the requested page to the sign-in address", () => {
  expect(signInPath("/rooms/3?open=1,3")).toBe("/login?next=%2Frooms%2F3%3Fopen%3D1%2C3");
  expect(signInPath("/")).toBe("/login");
});
