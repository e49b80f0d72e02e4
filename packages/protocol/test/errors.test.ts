import { ERRORS } from "@multichat/protocol";
import { expect, test } from "vitest";

test.each(Object.entries(ERRORS))("%s has a status that refuses and a sentence for a person", (code, error) => {
  expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  expect(error.status).toBeGreaterThanOrEqual(400);
  expect(error.status).toBeLessThan(600);
  expect(error.message).toMatch(/^[A-Z].*\.$/);
});
