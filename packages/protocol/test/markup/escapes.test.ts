import { describe, expect, test } from "vitest";
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
  "\\! \\# \\$ \\%",
  "\\#general \\#1",
  "grep 'a\\|b'",
  "\\|x\\|",
  "a \\| b",
  "\\|",
  "\\--",
  "\\---",
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
  ["\\# a", "# a"],
  ["x\n\\### a", "x\n### a"],
  ["x\n\\---\ny", "x\n---\ny"],
  ["\\||not hidden||", "||not hidden||"],
  ["\\|\\|not hidden\\|\\|", "||not hidden||"],
  ["||a \\|| b||", "<spoiler a || b>"],
])("a backslash before markup makes it text, and is not shown: %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

const PUNCTUATION = [..."!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"];
const LETTERS = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789éß你ツ"];
/** What can be markup inside a line. */
const SIGNS = [..."`*_~[]@"];
const PLACES: readonly (readonly [place: string, wrap: (sequence: string) => string])[] = [
  ["alone", (sequence) => sequence],
  ["at a word's beginning", (sequence) => `see ${sequence}word here`],
  ["inside a word", (sequence) => `see wo${sequence}rd here`],
  ["at a word's end", (sequence) => `see word${sequence} here`],
  ["between words", (sequence) => `see word ${sequence} here`],
  ["in brackets", (sequence) => `see (${sequence}) here`],
  ["after another letter", (sequence) => `see 你${sequence}你 here`],
];

describe.each(PLACES)("an escape %s", (_place, wrap) => {
  // At the beginning of a line some signs are markers of lists and quotes.
  const plain = [...PUNCTUATION, ...LETTERS].filter(
    (sign) => !SIGNS.includes(sign) && !/^\\[-+>]$/.test(wrap(`\\${sign}`)),
  );
  test.each(plain)("is none before %s, which is no markup there: the backslash stays", (sign) => {
    const text = wrap(`\\${sign}`);
    expect(read(text)).toBe(text);
  });

  test.each(SIGNS)("makes text of %s, with or without the backslash, and changes nothing else", (sign) => {
    const text = wrap(`\\${sign}`);
    expect([text, wrap(sign)]).toContain(read(text));
  });

  // Inside a word an underscore opens nothing, so it needs no escape.
  const isInWord = /[\p{L}\p{N}]_/u.test(wrap("_"));
  test.each(["*", "**", ...(isInWord ? [] : ["_", "__"]), "~~"])(
    "of both ends makes text of %s, without the backslashes",
    (run) => {
      const escaped = [...run].map((sign) => `\\${sign}`).join("");
      expect(read(wrap(`${escaped}not this${escaped}`))).toBe(wrap(`${run}not this${run}`));
    },
  );
});

test.each([
  "node_modules\\_x",
  "node_modules\\_cache\\_y",
  "my_app\\_build_1",
  "x_1\\_y",
  "src_1\\_a/b",
  "a_b_c\\_d_e_f",
  "你_好\\_吗",
  "(node_modules\\_x)",
  "see node_modules\\_x, please",
  "a~b\\~c",
  "dir\\~tmp",
  "\\~user",
  "about \\~5",
  "PROGRA\\~1",
])("a path of names with underscores or tildes stays as it was typed: %j", (text) => {
  expect(read(text)).toBe(text);
});

test.each([
  ["node\\_modules\\_x", "node_modules_x"],
  ["my\\_long\\_name", "my_long_name"],
  ["\\_snake_case\\_", "_snake_case_"],
  ["\\*snake_case\\*", "*snake_case*"],
  ["a\\*b_c", "a*b_c"],
  ["a_b c\\_d", "a_b c_d"],
])("names whose underscores are all escaped are not paths: %j", (text, expected) => {
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

test.each([
  ["[a\\]b](https://a.example)", "a]b"],
  ["[\\[a\\]](https://a.example)", "[a]"],
  ["[a\\] b](https://a.example)", "a] b"],
  ["[\\]](https://a.example)", "]"],
  ["[x\\[0\\]](https://a.example)", "x[0]"],
  ["[字\\]](https://a.example)", "字]"],
  ["[a\\]\\[b](https://a.example)", "a][b"],
  ["[a **b\\]** c](https://a.example)", "a <strong b]> c"],
])("an escaped bracket belongs to the text of the link: %j", (text, expected) => {
  expect(read(text)).toBe(`<link https://a.example/ ${expected}>`);
});
