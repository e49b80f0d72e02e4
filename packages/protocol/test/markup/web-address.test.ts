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
  "https://example.org@",
  "https://example.org@ 5pm",
  "https://example.org@,x",
  "https://example.org@.",
  "https://example.org@)",
  "https://example.org@@",
  "https://example.org@/",
  "https://example.org@?",
  "https://example.org@。",
  "(https://example.org@)",
])("an at sign without a host behind it is no part of the address in %j", (text) => {
  expect(links(text)).toEqual([{ href: "https://example.org/", text: "https://example.org" }]);
});

test.each([
  "https://example.org@evil.example",
  "https://example.org:80@evil.example",
  "https://example.org@[::1]",
  "https://example.org@1.2.3.4",
  "https://example.org@邪.example",
  "https://example.org@\u200bevil.example",
])("an address that hides another host behind an at sign is no link: %j", (text) => {
  expect(links(text)).toEqual([]);
});

test.each([
  ["[x](https://example.org/my\\_file\\_name.html)", "https://example.org/my_file_name.html"],
  ["[x](https://example.org/a\\))", "https://example.org/a)"],
  ["[x](https://example.org/\\(a\\))", "https://example.org/(a)"],
  ["[x](https://example.org/a\\*b\\~c)", "https://example.org/a*b~c"],
  ["[x](https://example.org/?q=a\\&b)", "https://example.org/?q=a&b"],
  ["[x](https://example.org/\\[a\\])", "https://example.org/[a]"],
  ["[x](https://example.org/\\#a)", "https://example.org/#a"],
  ["[x](https://example\\.org/)", "https://example.org/"],
  ["[x](https://example.org/a\\\\)", "https://example.org/a/"],
  ["[x](mailto:a\\_b@example.org)", "mailto:a_b@example.org"],
])("a backslash escapes punctuation in the address of %j, as in CommonMark", (text, href) => {
  expect(links(text)).toEqual([{ href, text: "x" }]);
});

test.each(["[x](javascript\\:alert(1))", "[x](\\javascript:alert(1))", "[x](https\\://a@b.example/)"])(
  "a backslash makes no address of %j that would be refused without it",
  (text) => {
    expect(links(text)).toEqual([]);
  },
);

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
