import fc from "fast-check";
import { expect, test } from "vitest";
import { linkify } from "../src/scenes/chat/linkify.ts";

const links = (text: string) => linkify(text).flatMap((segment) => (segment.kind === "link" ? [segment] : []));

test("web addresses become links, the text around them stays text", () => {
  expect(linkify("see https://example.org/a?b=1#c and http://x.example now")).toEqual([
    { kind: "text", text: "see " },
    { kind: "link", text: "https://example.org/a?b=1#c", href: "https://example.org/a?b=1#c" },
    { kind: "text", text: " and " },
    { kind: "link", text: "http://x.example", href: "http://x.example/" },
    { kind: "text", text: " now" },
  ]);
});

test.each([
  ["(https://example.org/a)", "https://example.org/a"],
  ["https://example.org/a.", "https://example.org/a"],
  ["https://example.org/a, then", "https://example.org/a"],
  ["https://example.org/a!?", "https://example.org/a"],
  ["“https://example.org/a”", "https://example.org/a"],
  ["看https://example.org/a。", "https://example.org/a"],
  ["https://en.example.org/wiki/Room_(building)", "https://en.example.org/wiki/Room_(building)"],
  ["(https://en.example.org/wiki/Room_(building))", "https://en.example.org/wiki/Room_(building)"],
])("the punctuation of the sentence does not belong to the address in %j", (text, address) => {
  expect(links(text).map((link) => link.text)).toEqual([address]);
});

test.each([
  "javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:x",
  "file:///etc/passwd",
  "https://",
  "http://user:secret@evil.example/",
  "https://bank.example@evil.example/",
  "just words",
  "",
])("%j has no link", (text) => {
  expect(links(text)).toEqual([]);
});

test("an address ends before a character that turns the direction of text", () => {
  expect(links("https://example.org/\u202etxt.exe").map((link) => link.href)).toEqual(["https://example.org/"]);
});

test("the pieces put together are the text, and every link is http or https", () => {
  const pieces = fc.constantFrom(
    "https://",
    "http://",
    "a.example",
    "/",
    "(",
    ")",
    "]",
    ".",
    " ",
    "\n",
    "<",
    '"',
    "@",
    "x",
    "é",
    "\u202e",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
      const text = parts.join("");
      const segments = linkify(text);
      expect(segments.map((segment) => segment.text).join("")).toBe(text);
      for (const segment of segments) {
        if (segment.kind !== "link") continue;
        const url = new URL(segment.href);
        expect(["http:", "https:"]).toContain(url.protocol);
        expect(url.username + url.password).toBe("");
      }
    }),
    { numRuns: 1000 },
  );
});

test("a long run of brackets takes no longer than its length", () => {
  const started = performance.now();
  expect(links(`https://example.org/${")".repeat(100_000)}`)).toHaveLength(1);
  expect(performance.now() - started).toBeLessThan(2000);
});
