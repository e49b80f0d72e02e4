import { describe, expect, test } from "vitest";
import { excerptToPlainText, parseMarkup, toPlainText } from "../../src/markup/index.ts";
import { read } from "./notation.ts";

test.each([
  ["||a||", "<spoiler a>"],
  ["The end: ||he *dies*||.", "The end: <spoiler he <emphasis dies>>."],
  ["||a|| and ||b c||", "<spoiler a> and <spoiler b c>"],
  ["**||a||**", "<strong <spoiler a>>"],
  ["||**a**||", "<spoiler <strong a>>"],
  ["(||a||)", "(<spoiler a>)"],
  ["||one\ntwo||", "<spoiler one\ntwo>"],
  ["||`a || b`||", "<spoiler <code a || b>>"],
  ["||https://a.example/x||", "<spoiler <link https://a.example/x https://a.example/x>>"],
  ["||https://a.example|| b", "<spoiler <link https://a.example/ https://a.example>> b"],
  ["||@ann||", "<spoiler <@ann>>"],
  ["||a b||c||", "<spoiler a b||c>"],
  ["> ||a||", "{quote <spoiler a>}"],
  ["- ||a||", "{- <spoiler a>}"],
  ["# ||a||", "{h1 <spoiler a>}"],
  ["结局||他死了||。", "结局<spoiler 他死了>。"],
  ["النهاية ||مات||", "النهاية <spoiler مات>"],
])("parses the spoiler in %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  "a || b",
  "a || b || c",
  "a||b||c",
  "if (a||b||c)",
  '"a"||"b"||"c"',
  "x=$a||$b||$c",
  "(a)||(b)||(c)",
  "a[0]||b[0]||c",
  "make || true",
  "false||echo no",
  "||",
  "||||",
  "|| ||",
  "||a",
  "a||",
  "|||a|||",
  "||\u200b||",
  "|x|",
  "| a |",
  "||a || b",
])("%j has no spoiler", (text) => {
  expect(read(text)).toBe(text);
});

describe("plain text", () => {
  test.each([
    ["||secret||", "[…]"],
    ["It was **||secret||**, you know", "It was […], you know"],
    ["# Plan\na\n---\n- [ ] b\n- [x] c", "Plan a ☐ b · ☑ c"],
    ["| a | b |\n|---|---|\n| 1 | ||secret|| |", "a | b · 1 | […]"],
    ["> ||secret||", "[…]"],
  ])("of %j is %j", (text, expected) => {
    expect(toPlainText(parseMarkup(text))).toBe(expected);
  });

  test.each([
    ["It was ||secr", "It was […]"],
    ["It was ||secret|", "It was […]"],
    ["It was ||secret||", "It was […]"],
    ["||see [a](https://exa", "[…]"],
    ["||a `x|| secret", "[…]"],
    ["a || b", "a || b"],
    ["||a|| and b", "[…] and b"],
  ])("of the excerpt %j shows nothing of a spoiler that goes on after its end", (text, expected) => {
    expect(excerptToPlainText(parseMarkup(text), { isCut: true })).toBe(expected);
  });

  test("no cut of a message shows a part of its spoiler", () => {
    const message =
      "**Well** [x](https://a.example) `a` ||se*cr*et `secret` [secret](https://secret.example) secret|| and `b`";
    const from = message.indexOf("||");
    for (let end = from + 3; end < message.length; end += 1) {
      const text = excerptToPlainText(parseMarkup(message.slice(0, end)), { isCut: true });
      expect(text, message.slice(0, end)).not.toMatch(/s|e\*?c/);
    }
  });

  test.each([
    "| a | b |\n| - | - |\n| ||QQ Q|| | x |",
    "| a | b |\n| - | - |\n| x | ||QQ Q|| |",
    "| a | b |\n| - | - |\n||QQ Q|| | x |",
    "a | b\n---|---\n||QQ Q|| | x",
    "a | b\n---|---\nx | ||QQ Q||",
    "| a |\n| - |\n| x |\n| ||Q *Q* `Q`|| |",
    "| a |\n| - |\n| ||x|| ||Q Q|| |",
    "before\n\n| a |\n| - |\n| y ||Q Q|| |",
    "> | a | b |\n> | - | - |\n> | ||Q|| | ||QQ|| |",
    "- | a | b |\n  | - | - |\n  | | ||QQ|| |",
  ])("no cut of the table %j shows a part of its spoiler", (message) => {
    for (let end = message.indexOf("Q"); end <= message.length; end += 1) {
      const text = excerptToPlainText(parseMarkup(message.slice(0, end)), { isCut: true });
      expect(text, message.slice(0, end)).not.toContain("Q");
    }
  });

  test("an empty cell of a whole table hides nothing", () => {
    expect(excerptToPlainText(parseMarkup("| a | b |\n| - | - |\n| | x |"), { isCut: false })).toBe("a | b · | x");
  });

  test("a whole text with an operator is shown whole", () => {
    expect(excerptToPlainText(parseMarkup("x ||y"), { isCut: false })).toBe("x ||y");
  });
});
