import { canonicalErrorCode, ERROR_ALIASES, ERRORS } from "@multichat/protocol";
import { expect, test } from "vitest";

test.each(Object.entries(ERRORS))("%s has an error status and a readable message", (code, error) => {
  expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  expect(error.status).toBeGreaterThanOrEqual(400);
  expect(error.status).toBeLessThan(600);
  expect(error.message).toMatch(/^[A-Z].*\.$/);
});

test.each(Object.entries(ERROR_ALIASES))("reads %s from an older server as %s", (alias, code) => {
  expect(Object.keys(ERRORS)).not.toContain(alias);
  expect(canonicalErrorCode(alias)).toBe(code);
});

test.each([...Object.keys(ERRORS), "FROM_A_NEWER_SERVER", "toString"])("leaves %s as it is", (code) => {
  expect(canonicalErrorCode(code)).toBe(code);
});
