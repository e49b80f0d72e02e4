import { expect, test } from "vitest";
import { read } from "./notation.ts";

test.each([
  "¯\\_(ツ)_/¯",
  "¯\\\\_(ツ)_/¯",
  "¯\\\\\\_(ツ)\\_/¯",
  "¯\\_(シ)_/¯ ok",
  "well ¯\\_( ͡° ͜ʖ ͡°)_/¯",
  "¯\\_(⊙_ʖ⊙)_/¯",
  "\\_(ツ)_/",
  "\\_(-_-)_/",
  "\\_o_/",
  "\\o/ \\O/ \\m/",
  "\\(^o^)/",
  "ヽ(´ー`)ノ \\(°□°)/",
  "(\\_/)\n(•_•)",
  " /\\_/\\ ",
  "乁\\_(ツ)_/¯",
  "¯\\_(ツ)_/¯ and ¯\\_(ツ)_/¯",
  "¯\\_( ͡° ͜ʖ ͡°)_/¯ and ¯\\_( ͡° ͜ʖ ͡°)_/¯",
  "_¯\\_(ツ)_/¯",
])("a face keeps its arms: %j", (text) => {
  expect(read(text)).toBe(text);
});

test.each([
  "C:\\_temp\\*",
  "C:\\Users\\_ann\\_cache\\*.txt",
  "c:\\*\\*\\x",
  "D:\\*.*",
  '"C:\\_a\\_b"',
  "\\\\server\\_share\\*",
  "..\\new\\_build",
  "%TEMP%\\_x\\y\\*",
  "HKLM\\Software\\_x",
])("a path stays as it was typed: %j", (text) => {
  expect(read(text)).toBe(text);
});

test.each([
  "\\alpha\\_1 \\beta",
  "\\frac{a}{b}",
  "$\\sum_{i}^{n}\\_x$",
  "\\[ x^2 \\]",
  "\\(a\\_b\\)",
  "\\{x\\_1\\}",
  "\\d+\\.\\w*",
  "^\\s*\\*\\d$",
  "\\n \\t \\0 \\x41 \\u0041",
  "a \\ b",
  "\\",
  "end \\",
  "\\é \\你 \\😀 \\1",
  "\\# \\! \\$ \\%",
  "\\ @nobody",
])("a backslash that escapes nothing is shown: %j", (text) => {
  expect(read(text).replaceAll(/[<>]/g, "")).toBe(text);
});

test.each([
  ["\\*not bold\\*", "*not bold*"],
  ["\\*\\*not bold\\*\\*", "**not bold**"],
  ["\\_not italic\\_", "_not italic_"],
  ["\\_\\_init\\_\\_", "__init__"],
  ["\\~~not struck\\~~", "~~not struck~~"],
  ["\\~\\~not struck\\~\\~", "~~not struck~~"],
  ["\\`not code\\`", "`not code`"],
  ["\\[a](https://a.org)", "[a](<link https://a.org/ https://a.org>)"],
  ["[a\\](https://a.org)", "[a](<link https://a.org/ https://a.org>)"],
  ["\\@ann", "@ann"],
  ["(\\*)", "(*)"],
  ["2 \\* 3", "2 * 3"],
  ["2\\*3\\*4", "2*3*4"],
  ["snake\\_case", "snake_case"],
  ["\\*see below", "*see below"],
  ["\\*Wow!\\*", "*Wow!*"],
  ["*a\\*b*", "<emphasis a*b>"],
  ["**a \\** b**", "<strong a ** b>"],
  ["\\- a", "- a"],
  ["\\+ a", "+ a"],
  ["\\> a", "> a"],
  ["1\\. a", "1. a"],
  ["2\\) a", "2) a"],
  ["x\n\\- a", "x\n- a"],
])("a backslash before markup makes it text, and is not shown: %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test("markup after a shown backslash is text, too", () => {
  expect(read("C:\\*a* and *b*")).toBe("C:\\*a* and <emphasis b>");
  expect(read("\\x\\`a`")).toBe("\\x\\`a`");
});

test("in code every backslash is shown", () => {
  expect(read("`\\*`")).toBe("<code \\*>");
  expect(read("```\n\\_a\\_\n```")).toBe("{code |\\_a\\_}");
});
