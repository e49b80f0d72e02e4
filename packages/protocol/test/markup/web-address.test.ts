import { expect, test } from "vitest";
import { parseMarkup } from "../../src/markup/index.ts";
import { toSafeHref } from "../../src/markup/web-address.ts";

/** Returns the links of one paragraph without other markup. */
function links(text: string): { readonly href: string; readonly text: string }[] {
  const [paragraph] = parseMarkup(text);
  if (paragraph?.kind !== "paragraph") return [];
  return paragraph.children.flatMap((part) => {
    const [child] = part.kind === "link" ? part.children : [];
    return part.kind === "link" && child?.kind === "text" ? [{ href: part.href, text: child.text }] : [];
  });
}

test("links web addresses and keeps the text around them", () => {
  expect(parseMarkup("see https://example.org/a?b=1#c and http://x.example now")).toEqual([
    {
      kind: "paragraph",
      children: [
        { kind: "text", text: "see " },
        {
          kind: "link",
          href: "https://example.org/a?b=1#c",
          children: [{ kind: "text", text: "https://example.org/a?b=1#c" }],
        },
        { kind: "text", text: " and " },
        { kind: "link", href: "http://x.example/", children: [{ kind: "text", text: "http://x.example" }] },
        { kind: "text", text: " now" },
      ],
    },
  ]);
});

test.each([
  ["(https://example.org/a)", "https://example.org/a"],
  ["https://example.org/a.", "https://example.org/a"],
  ["https://example.org/a, then", "https://example.org/a"],
  ["https://example.org/a?", "https://example.org/a"],
  ["“https://example.org/a”", "https://example.org/a"],
  ["看https://example.org/a。", "https://example.org/a"],
  ["https://en.example.org/wiki/Room_(building)", "https://en.example.org/wiki/Room_(building)"],
  ["(https://en.example.org/wiki/Room_(building))", "https://en.example.org/wiki/Room_(building)"],
])("leaves the punctuation of the sentence out of the address in %j", (text, address) => {
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
])("finds no link in %j", (text) => {
  expect(links(text)).toEqual([]);
});

test("ends an address before a direction mark", () => {
  expect(links("https://example.org/\u202etxt.exe").map((link) => link.href)).toEqual(["https://example.org/"]);
});

test("treats an overlong address as text", () => {
  expect(links(`https://example.org/${"a".repeat(4_000)}`)).toHaveLength(1);
  expect(links(`https://example.org/${"a".repeat(5_000)}`)).toEqual([]);
});

test("accepts only the requested schemes", () => {
  expect(toSafeHref("mailto:ann@example.org")).toBeUndefined();
  expect(toSafeHref("mailto:ann@example.org", ["mailto:"])).toBe("mailto:ann@example.org");
  expect(toSafeHref("javascript:alert(1)", ["https:", "http:", "mailto:"])).toBeUndefined();
});
