import { expect, test } from "vitest";
import { parseMarkup } from "../../src/markup/index.ts";
import { read } from "./notation.ts";

test.each([
  ["| a | b |\n|---|---|\n| 1 | 2 |", "{table -- a|b; 1|2}"],
  ["a | b\n--- | ---\n1 | 2", "{table -- a|b; 1|2}"],
  ["|a|b|c|d|\n|:-|:-:|-:|-|", "{table lcr- a|b|c|d}"],
  ["| a |\n|---|\n| 1 |", "{table - a; 1}"],
  [
    "| *a* | `b` | @ann |\n|-|-|-|\n| ~~1~~ | [x](https://a.example) |",
    "{table --- <emphasis a>|<code b>|<@ann>; <strikethrough 1>|<link https://a.example/ x>}",
  ],
  ["before\n| a | b |\n|---|---|\n| 1 | 2 |\nafter", "before / {table -- a|b; 1|2} / after"],
  ["| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |\n|| 2 |", "{table -- a|b; 1; 1|2|3; |2}"],
  ["| a\\|b | c |\n|---|---|\n| `x \\| y` | z |", "{table -- a|b|c; <code x | y>|z}"],
  ["| a | b |\n|---|---|\n| ||x y|| | 2 |", "{table -- a|b; <spoiler x y>|2}"],
  ["| a | b |\n|---|---|\n||x|| | 2", "{table -- a|b; <spoiler x>|2}"],
  ["| a | b |\n|---|---|\n- c | d", "{table -- a|b} / {- c | d}"],
  ["| a | b |\n|---|---|\n\n| 1 | 2 |", "{table -- a|b} / | 1 | 2 |"],
  ["> | a | b |\n> |---|---|\n> | 1 | 2 |", "{quote {table -- a|b; 1|2}}"],
  ["- | a | b |\n  |---|---|", "{- {table -- a|b}}"],
  ["| a | b |\r\n|---|---|\r\n| 1 | 2 |", "{table -- a|b; 1|2}"],
])("parses the table in %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  "|x|",
  "| a | b |",
  "a | b\nc | d",
  "cat x | grep y\nls | wc -l",
  "a | b\n-|-",
  "a || b",
  "|",
  "|\n|",
  "| a | b |\n|---|",
  "| a |\n|---|---|",
  "a\n---|---",
  " id | name\n----+------\n  1 | x",
  "+---+---+\n| a | b |\n+---+---+",
  "o|-<\n-|-",
  "|---|---|",
  "a | b\n| :: | --- |",
  `${"|a".repeat(41)}|\n${"|-".repeat(41)}|`,
])("%j is no table", (text) => {
  expect(read(text)).toBe(text);
});

test("a table has no more cells than its text, however many columns the header has", () => {
  const text = `${"|a".repeat(40)}|\n${"|-".repeat(40)}|\n${"|\n".repeat(4_000)}`;
  expect(JSON.stringify(parseMarkup(text)).length).toBeLessThan(20 * text.length);
});
