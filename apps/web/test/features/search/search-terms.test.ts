import { expect, test } from "vitest";
import { createExcerpt, hasRoomFilter, highlightMatches } from "../../../src/features/search/search-terms.ts";

/** Returns the text with the matches in brackets. */
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
  ["in Łódź today", "lodz", "in [Łódź] today"],
  ["die Stra\u00adße", "STRASSE", "die [Stra\u00adße]"],
  ["مُحَمَّد هنا", "محمد", "[مُحَمَّد] هنا"],
  ["Ｆｕｌｌ width", "full", "[Ｆｕｌｌ] width"],
  ["서울에서 만나요", "서울", "[서울]에서 만나요"],
  ["昨日は東京でした", "東京", "昨日は[東京]でした"],
  ["so it is 1+1 (really)", "1+1 (really", "so it is [1+1] ([really])"],
  ["nothing of it", "from:alice in:General before:2026-01-01", "nothing of it"],
  ["from here", 'in:"The back room" from', "[from] here"],
  ["", "word", ""],
])("in %j, highlights %j as %j", (text, query, expected) => {
  expect(marked(text, query)).toBe(expected);
  expect(
    highlightMatches(text, query)
      .map((piece) => piece.text)
      .join(""),
  ).toBe(text);
});

test("recognizes an in: filter, but not a word or a phrase that looks like one", () => {
  expect(hasRoomFilter('soup IN:"The back room"')).toBe(true);
  expect(hasRoomFilter("soup within:reach")).toBe(false);
  expect(hasRoomFilter('"in:General"')).toBe(false);
});

test("starts an excerpt of a long message shortly before the match, and limits its length", () => {
  const text = `${"before ".repeat(100)}needle${" after".repeat(500)}`;
  const shortened = createExcerpt(highlightMatches(text, "needle"));
  expect(shortened.find((piece) => piece.isMatch)?.text).toBe("needle");
  expect(shortened[0]?.text.startsWith("…")).toBe(true);
  expect(shortened.map((piece) => piece.text).join("").length).toBeLessThan(300);
  expect(createExcerpt(highlightMatches("short needle", "needle"))).toEqual(highlightMatches("short needle", "needle"));
});

test("does not cut an excerpt in the middle of a character", () => {
  const text = `${"👍".repeat(100)}x needle ${"👍".repeat(300)}`;
  for (const piece of createExcerpt(highlightMatches(text, "needle"))) expect(piece.text.isWellFormed()).toBe(true);
});
