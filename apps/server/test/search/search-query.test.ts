import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Refusal } from "../../src/access/refusal.ts";
import { parseSearch } from "../../src/search/search-query.ts";

const EMPTY = { terms: [], in: [], from: undefined, before: undefined, after: undefined };
const word = (text: string) => ({ text, kind: "word" });
const phrase = (text: string) => ({ text, kind: "phrase" });
const prefix = (text: string) => ({ text, kind: "prefix" });

describe("parses", () => {
  test.each([
    ["tea", { terms: [word("tea")] }],
    ["  green   tea ", { terms: [word("green"), word("tea")] }],
    ['"green tea" pot*', { terms: [phrase("green tea"), prefix("pot")] }],
    ['tea"green leaf"', { terms: [word("tea"), phrase("green leaf")] }],
    ["請喝茶 ひらがな", { terms: [word("請喝茶"), word("ひらがな")] }],
    ["🍵", { terms: [word("🍵")] }],
    ["into begin:now http://example.org", { terms: [word("into"), word("begin:now"), word("http://example.org")] }],
    ["tea in:General", { terms: [word("tea")], in: ["General"] }],
    ['in:"The back room" tea IN:7', { terms: [word("tea")], in: ["The back room", "7"] }],
    ["in:General", { in: ["General"] }],
    ["from:me after:2024-02-29", { from: "me", after: Date.UTC(2024, 1, 29) }],
    ['from:"alice" tea', { terms: [word("tea")], from: "alice" }],
    [
      "tea after:2026-01-01 before:2026-02-01",
      { terms: [word("tea")], after: Date.UTC(2026, 0, 1), before: Date.UTC(2026, 1, 1) },
    ],
    ["tea after:2024-02-29", { terms: [word("tea")], after: Date.UTC(2024, 1, 29) }],
  ])("%s", (text, expected) => {
    expect(parseSearch(text)).toEqual({ ...EMPTY, ...expected });
  });
});

describe("a quotation mark inside or behind a word opens no phrase", () => {
  test.each([
    ['צה"ל ארה"ב', [word('צה"ל'), word('ארה"ב')]],
    ['ב"ש ת"א', [word('ב"ש'), word('ת"א')]],
    ['מנכ"ל דו"ח', [word('מנכ"ל'), word('דו"ח')]],
    ["צה“ל", [word('צה"ל')]],
    ['"צה"ל חזק" ארה"ב', [phrase('צה"ל חזק'), word('ארה"ב')]],
    ['5" screen 7" case', [word('5"'), word("screen"), word('7"'), word("case")]],
    ['7" single 12" vinyl', [word('7"'), word("single"), word('12"'), word("vinyl")]],
    ['5"x7" print', [word('5"x7"'), word("print")]],
    ["6'2\" tall 5'10\" short", [word("6'2\""), word("tall"), word("5'10\""), word("short")]],
    ['٧" شاشة ٥" جهاز', [word('٧"'), word("شاشة"), word('٥"'), word("جهاز")]],
    ['x" y z" w', [word('x"'), word("y"), word('z"'), word("w")]],
    ['a "b c" 7" "d e"', [word("a"), phrase("b c"), word('7"'), phrase("d e")]],
    ['tea"green leaf"', [word("tea"), phrase("green leaf")]],
  ])("%s", (text, terms) => {
    expect(parseSearch(text)).toEqual({ ...EMPTY, terms });
  });
});

describe("refuses, with what was expected", () => {
  test.each([
    [" ", /a word or an emoji to look for, or a filter such as from:alice/],
    ["tea from:alice from:bob", /from: once, got it 2 times/],
    ["tea before:yesterday", /a day such as before:2026-01-31, got "yesterday"/],
    ["tea before:2026-02-31", /a day such as/],
    ["tea after:2026-1-1", /a day such as/],
    ["!!! ***", /a word or an emoji.*got "!!! \*\*\*"/],
    ["*", /a word/],
    ['"', /a word/],
    ['""', /a word/],
    ["- & => ::", /a word/],
    ["…—„“»", /a word/],
    ["\u200b\u00ad", /a word/],
    ["\u02bb", /a word/],
  ])("%s", (text, message) => {
    const error = catchRefusal(() => parseSearch(text));
    expect(error.code).toBe("SEARCH_INVALID");
    expect(error.message).toMatch(message);
  });

  function catchRefusal(parse: () => unknown): Refusal {
    try {
      parse();
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
    throw new Error("expected the search to be refused, but it was parsed");
  }
});

describe("punctuation in a query only separates words", () => {
  test.each([
    ["hello - world", ["hello", "world"]],
    ["R & D budget", ["R", "D", "budget"]],
    ["a => b", ["a", "b"]],
    ["see :) ok", ["see", "ok"]],
    ["🇩🇪", ["🇩🇪"]],
    ["note: this", ["note:", "this"]],
    ["at 10:30", ["at", "10:30"]],
    ["-word +word ~word", ["-word", "+word", "~word"]],
    ["* lone *", ["lone"]],
    ["(a) [b] {c} <d>", ["(a)", "[b]", "{c}", "<d>"]],
    ['say "hello', ["say", "hello"]],
    ['5" screen', ['5"', "screen"]],
    ["it's l'été ’tis", ["it's", "l'été", "’tis"]],
    ["C++ / C# | F#", ["C++", "C#", "F#"]],
    ["what?! … no —", ["what?!", "no"]],
    ["¿qué? «sí»", ["¿qué?", "«sí»"]],
    ["a AND b OR NOT c", ["a", "AND", "b", "OR", "NOT", "c"]],
    ["- a - b - c - d - e - f -", ["a", "b", "c", "d", "e", "f"]],
    ["user@example.org #tag", ["user@example.org", "#tag"]],
    ["begin:now inside:out", ["begin:now", "inside:out"]],
    ["a b c d e f g h i j k l", [..."abcdefghijkl"]],
    ["‼ ⁉️", ["‼", "⁉️"]],
    ["in: the room", ["in", "the", "room"]],
    ["before: noon", ["before", "noon"]],
    ["tea in:", ["tea", "in"]],
    ["before: 2026-01-31", ["before", "2026-01-31"]],
    ['tea in:"The back room', ["tea", "in", "The", "back", "room"]],
    ["from: alice@example.org, to: bob", ["from", "alice@example.org,", "to:", "bob"]],
    ["check-in: 9, after: 5", ["check-in:", "9,", "after", "5"]],
  ])("%s", (text, words) => {
    expect(parseSearch(text)).toEqual({ ...EMPTY, terms: words.map(word) });
  });

  test.each([
    ["“green tea”", [phrase("green tea")]],
    ["„green tea“ pot", [phrase("green tea"), word("pot")]],
    ["(kettl*)", [prefix("(kettl")]],
    ["kettl*, tea", [prefix("kettl"), word("tea")]],
    ["a*b", [word("a*b")]],
  ])("%s keeps its phrases and prefixes", (text, terms) => {
    expect(parseSearch(text)).toEqual({ ...EMPTY, terms });
  });

  test("beyond ten beginnings of words, as in a text with many stars, the others are words", () => {
    const { terms } = parseSearch("aa* bb* cc* dd* ee* ff* gg* hh* ii* jj* kk* ll*");
    expect(terms.map(({ kind }) => kind)).toEqual([...Array(10).fill("prefix"), "word", "word"]);
  });

  test("around any word, any of it is parsed, and the word is left", () => {
    const marks = fc.string({ unit: fc.constantFrom(...'!"#$%&()*+,-./:;<=>?@[]^_`{|}~ …—–«»¿¡§°'), maxLength: 8 });
    fc.assert(
      fc.property(marks, marks, (before, after) => {
        const { terms } = parseSearch(`${before} tea ${after}`);
        expect(terms.flatMap(({ text }) => text.match(/\w+/g)?.filter((found) => found !== "_"))).toContain("tea");
      }),
    );
  });
});

describe("the name of a filter without a value is a word like any other", () => {
  const FILTERS = ["in", "from", "before", "after", "IN", "From", "bEfOrE", "AFTER"];
  /** What stands where the value would. */
  const NO_VALUES = [
    ...[
      "",
      " ",
      "  ",
      '"',
      '""',
      '" "',
      '"…"',
      "“”",
      ")",
      "!",
      "?!",
      ",",
      "...",
      ":",
      "::",
      "/",
      "@",
      "#",
      "*",
      "**",
      "-",
    ],
    ...["—", "\u200b", "\u00ad", "\u2067\u2069", "،", "؟", "。", "）", "\u3000", "\u00a0", "\t", "\n"],
  ];

  test.each(FILTERS)("%s", (filter) => {
    for (const value of NO_VALUES) {
      const query = `${filter}:${value}`;
      const wordsOf = (text: string) => parseSearch(text).terms.map((term) => term.text);
      expect(wordsOf(query), query).toEqual([filter]);
      for (const other of ["tea", "شاي", "茶", "чай", "🍵"]) {
        expect(wordsOf(`${other} ${query}`), `${other} ${query}`).toEqual([other, filter]);
        expect(wordsOf(`${query} ${other}`), `${query} ${other}`).toEqual([filter, other]);
      }
      expect(parseSearch(`tea ${query} in:General from:alice`)).toMatchObject({ in: ["General"], from: "alice" });
    }
  });

  test("as generated texts of words, punctuation, quotes and names of filters show: nothing searchable is ever refused", () => {
    const part = fc.oneof(
      fc.constantFrom(...FILTERS.map((filter) => `${filter}:`), ...NO_VALUES, "tea", "غرفة", "部屋", "noon", "5"),
      fc.string({ unit: fc.constantFrom(...'"“”.,:;!?()[]@#*-–…،؟。'), maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        // A space behind each, so that no filter has a value.
        const text = `tea ${parts.map((each) => `${each} `).join("")}`;
        expect(parseSearch(text.replaceAll('"', "")).terms[0]).toEqual(word("tea"));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ["in:General", { in: ["General"] }],
    ["in:غرفة", { in: ["غرفة"] }],
    ['IN:"غرفة الشاي"', { in: ["غرفة الشاي"] }],
    ["in:部屋 from:@ben", { in: ["部屋"], from: "@ben" }],
    ['from:"me"', { from: "me" }],
    ["in:“The back room”", { in: ["The back room"] }],
    ['in:" 7 "', { in: ["7"] }],
    ["in:🎉", { in: ["🎉"] }],
  ])("but %s has one", (text, expected) => {
    expect(parseSearch(text)).toEqual({ ...EMPTY, ...expected });
  });
});

test("parses or refuses hostile text, without another error", () => {
  const hostile = ['"'.repeat(200), "in:".repeat(66), `${"a".repeat(199)}"`, 'in:"'.repeat(50), "* ".repeat(100)];
  for (const text of hostile) {
    try {
      parseSearch(text);
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
    }
  }
});
