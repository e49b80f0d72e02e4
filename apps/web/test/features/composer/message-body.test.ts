import { LIMITS } from "@multichat/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { countCodePoints, normalizeBody } from "../../../src/features/composer/message-body.ts";

test("what is sent has no control characters, no blank lines before and no space after", () => {
  expect(normalizeBody("\n \n  one\n\n\ttwo\u0000\u0007 \n ")).toBe("  one\n\n\ttwo");
  expect(normalizeBody(" \n\t ")).toBe("");
});

test("half of a surrogate pair is not sent", () => {
  expect(normalizeBody("a\ud83d")).toBe("a\ufffd");
  expect(normalizeBody("👋")).toBe("👋");
});

test("characters are counted as the server counts them", () => {
  expect(countCodePoints("aé👋")).toBe(3);
  expect(countCodePoints("x".repeat(LIMITS.messageChars))).toBe(LIMITS.messageChars);
});

test("cleaning twice changes nothing more", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(normalizeBody(normalizeBody(text))).toBe(normalizeBody(text));
    }),
  );
});
