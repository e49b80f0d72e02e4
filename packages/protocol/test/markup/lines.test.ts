import { expect, test } from "vitest";
import { read } from "./notation.ts";

test.each([
  ["# Plan", "{h1 Plan}"],
  ["### Plan *B*", "{h3 Plan <emphasis B>}"],
  ["###### a", "{h6 a}"],
  ["  ## a", "{h2 a}"],
  ["## a ##", "{h2 a}"],
  ["# C#", "{h1 C#}"],
  ["# a #b", "{h1 a #b}"],
  ["# @ann `x`", "{h1 <@ann> <code x>}"],
  ["before\n# a\nafter", "before / {h1 a} / after"],
  ["# a\n# b", "{h1 a} / {h1 b}"],
  ["> # a\n> b", "{quote {h1 a} / b}"],
  ["- # a", "{- {h1 a}}"],
  ["#\ta", "{h1 a}"],
])("parses the heading in %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  "#general",
  "#1",
  "#1 is fixed",
  "#",
  "# ",
  "##",
  "# #",
  "# ###",
  "# \u200b",
  "#️⃣ one",
  "####### a",
  "    # a",
  "C# is fine",
  "a # b",
  "#!/bin/sh",
])("%j is no heading", (text) => {
  expect(read(text)).toBe(text);
});

test.each([
  ["a\n---\nb", "a / {rule} / b"],
  ["a\n\n-----  \n\nb", "a / {rule} / b"],
  ["- a\n---\n- b", "{- a} / {rule} / {- b}"],
  ["> a\n> ---\n> b", "{quote a / {rule} / b}"],
  ["a\r\n---\r\nb", "a / {rule} / b"],
])("parses the rule in %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  "---",
  "----------",
  "a\n---",
  "---\na",
  "a\n--\nb",
  "a\n-- \nb",
  "a\n- - -",
  "a --- b",
  "a\n---b\nc",
  "***",
  "a\n***\nb",
  "a\n___\nb",
  "a\n===\nb",
  "--- a/file\n+++ b/file",
  "-----BEGIN KEY-----\nabc",
  "    ---",
])("%j has no rule", (text) => {
  expect(read(text)).not.toContain("{rule}");
});

test.each([
  ["- [ ] a\n- [x] b\n- [X] c\n- d", "{- [ ] a; [x] b; [x] c; d}"],
  ["1. [ ] a\n2. [x] b", "{1 [ ] a; [x] b}"],
  ["* [ ] *a*\n  more\n  - [x] b", "{- [ ] <emphasis a>\nmore / {- [x] b}}"],
  ["> - [x] a", "{quote {- [x] a}}"],
  ["- [ ] - [x] a", "{- [ ] {- [x] a}}"],
  ["- a\n- [ ] b", "{- a; [ ] b}"],
])("parses the task list in %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ["[ ] a", "[ ] a"],
  ["[x] a", "[x] a"],
  ["-[ ] a", "-[ ] a"],
  ["- []  a", "{- []  a}"],
  ["- [ ]", "{- [ ]}"],
  ["- [ ]a", "{- [ ]a}"],
  ["- [y] a", "{- [y] a}"],
  ["- [ ](https://a.example) a", "{- <link https://a.example/ https://a.example/> a}"],
  ["- [x](https://a.example) a", "{- <link https://a.example/ x> a}"],
])("%j has no task", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ["/me waves", "{me waves}"],
  ["/me *waves* at @bob", "{me <emphasis waves> at <@bob>}"],
  ["/me `x`\nand more", "{me <code x>\nand more}"],
  ["/me", "/me"],
  ["/me ", "/me "],
  ["/mean it", "/mean it"],
  ["a /me waves", "a /me waves"],
  ["/ME waves", "/ME waves"],
  ["\\/me waves", "\\/me waves"],
  ["/shrug", "/shrug"],
  ["/me waves\n- a", "/me waves / {- a}"],
  ["> /me waves", "{quote /me waves}"],
])("parses the action in %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});
