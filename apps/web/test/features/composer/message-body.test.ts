import { LIMITS } from "@multichat/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { countCodePoints, normalizeBody } from "../../../src/features/composer/message-body.ts";

test("removes control characters, leading blank lines and trailing space", () => {
  expect(normalizeBody("\n \n  one\n\n\ttwo\u0000\u0007 \n ")).toBe("  one\n\n\ttwo");
  expect(normalizeBody(" \n\t ")).toBe("");
});

test("replaces a lone surrogate", () => {
  expect(normalizeBody("a\ud83d")).toBe("a\ufffd");
  expect(normalizeBody("👋")).toBe("👋");
});

test("counts code points, as the server does", () => {
  expect(countCodePoints("aé👋")).toBe(3);
  expect(countCodePoints("x".repeat(LIMITS.messageChars))).toBe(LIMITS.messageChars);
});

test("is idempotent", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(normalizeBody(normalizeBody(text))).toBe(normalizeBody(text));
    }),
  );
});
