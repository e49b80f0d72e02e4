import { describe, expect, test } from "vitest";
import { cutToChars } from "../../src/components/forms/char-limit.ts";

const ADLAM = "𞤀𞤣𞤤𞤢𞤥";

describe("a limit counts code points of the composed text, as the server does", () => {
  test.each([
    ["letters of two units", ADLAM.repeat(6), 32],
    ["emoji", "😀".repeat(32), 32],
    ["mathematical letters", "𝓐".repeat(32), 32],
    ["rare ideographs", "𠀀".repeat(32), 32],
    ["Vietnamese in NFD", "ế".normalize("NFD").repeat(32), 32],
    ["Hangul in parts", "한".normalize("NFD").repeat(32), 32],
    ["Gothic", "𐌰𐌱".repeat(16), 32],
    ["Osage", "𐓀".repeat(32), 32],
    ["ASCII", "a".repeat(32), 32],
    ["nothing", "", 32],
  ])("all of it fits: %s", (_what, text, maxChars) => {
    expect(cutToChars(text, text.length, maxChars)).toEqual({ text, cursor: text.length });
  });

  test.each([
    ["at the end", "abcdef", 6, 4, "abcd", 4],
    ["in the middle", "abXYcd", 4, 4, "abcd", 2],
    ["at the beginning", "XYabcd", 2, 4, "abcd", 0],
    ["half of what was pasted", "abXYcd", 4, 5, "abXcd", 3],
    ["letters of two units", "😀😀😀😀", 8, 2, "😀😀", 4],
    ["between them", "😀X😀", 3, 2, "😀😀", 2],
    ["decomposed letters", "ếếế".normalize("NFD"), 9, 2, "ếế".normalize("NFD"), 6],
    ["without a cursor", "abcdef", 0, 4, "abcd", 0],
    ["a single one", "ab", 2, 1, "a", 1],
    ["all of it", "ab", 2, 0, "", 0],
  ])("what is too much is taken away where it was inserted: %s", (_what, text, cursor, maxChars, cut, then) => {
    expect(cutToChars(text, cursor, maxChars)).toEqual({ text: cut, cursor: then });
  });

  test("a letter is not cut in two, wherever the cursor is", () => {
    for (let cursor = 0; cursor <= 20; cursor += 2) {
      for (let maxChars = 0; maxChars <= 10; maxChars += 1) {
        const { text } = cutToChars("😀".repeat(10), cursor, maxChars);
        expect([...text]).toEqual(Array(maxChars).fill("😀"));
      }
    }
  });
});
