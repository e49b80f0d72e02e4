import { parseCookies } from "@multichat/channels";
import { describe, expect, it } from "vitest";

describe("cookies", () => {
  it.each([
    [undefined, {}],
    ["", {}],
    ["sessionid=abc", { sessionid: "abc" }],
    ["theme=dark; sessionid=abc; csrftoken=x", { theme: "dark", sessionid: "abc", csrftoken: "x" }],
    ["a=1; a=2", { a: "1" }],
    ['quoted="a b"; enc=%C3%A9; broken=%FF', { quoted: "a b", enc: "é", broken: "%FF" }],
    ["=nameless; alone; ;x = y ", { x: "y" }],
    ["a=b=c", { a: "b=c" }],
    ["__proto__=x", { ["__proto__"]: "x" }],
  ])("parses %j as %j", (header, expected) => {
    expect(Object.fromEntries(parseCookies(header))).toEqual(expected);
  });
});
