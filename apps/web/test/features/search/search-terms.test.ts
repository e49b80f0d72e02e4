import { expect, test } from "vitest";
import { createExcerpt, hasRoomFilter, highlightMatches } from "../../../src/features/search/search-terms.ts";

/** The text with what is marked in brackets. */
const marked = (text: string, query: string): string =>
  highlightMatches(text, query)
    .map((piece) => (piece.isMatch ? `[${piece.text}]` : piece.text))
    .join("");

test.each([
  ["Soup for twelve, soup!", "soup", "[Soup] for twelve, [soup]!"],
  ["A soupspoon is no soup", "soup", "A soupspoon is no [soup]"],
  ["A soupspoon", "soup*", "A [soupspoon]"],
  ["the big, green wheel", '"big green" wheel', "the [big, green] [wheel]"],
  ["Größe und Café", "grosse cafe", "[Größe] und [Café]"],
  ["Cafe\u0301 au lait", "café", "[Cafe\u0301] au lait"],
  ["서울에서 만나요", "서울", "[서울]에서 만나요"],
  ["昨日は東京でした", "東京", "昨日は[東京]でした"],
  ["so it is 1+1 (really)", "1+1 (really", "so it is [1+1] ([really])"],
  ["nothing of it", "from:alice in:General before:2026-01-01", "nothing of it"],
  ["from here", 'in:"The back room" from', "[from] here"],
  ["", "word", ""],
])("in %j a search for %j marks %j", (text, query, wanted) => {
  expect(marked(text, query)).toBe(wanted);
  expect(
    highlightMatches(text, query)
      .map((piece) => piece.text)
      .join(""),
  ).toBe(text);
});

test("a query names its rooms by in:, and not by a word or a phrase that looks like it", () => {
  expect(hasRoomFilter('soup IN:"The back room"')).toBe(true);
  expect(hasRoomFilter("soup within:reach")).toBe(false);
  expect(hasRoomFilter('"in:General"')).toBe(false);
});

test("an excerpt of a long message begins shortly before what was found, and is bounded", () => {
  const text = `${"before ".repeat(100)}needle${" after".repeat(500)}`;
  const cut = createExcerpt(highlightMatches(text, "needle"));
  expect(cut.find((piece) => piece.isMatch)?.text).toBe("needle");
  expect(cut[0]?.text.startsWith("…")).toBe(true);
  expect(cut.map((piece) => piece.text).join("").length).toBeLessThan(300);
  expect(createExcerpt(highlightMatches("short needle", "needle"))).toEqual(highlightMatches("short needle", "needle"));
});

test("an excerpt is not cut in the middle of a character", () => {
  const text = `${"👍".repeat(100)}x needle ${"👍".repeat(300)}`;
  for (const piece of createExcerpt(highlightMatches(text, "needle"))) expect(piece.text.isWellFormed()).toBe(true);
});
