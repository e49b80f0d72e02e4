import fc from "fast-check";
import { LinkifyIt } from "linkify-it";
import { expect, test } from "vitest";
import { type Inline, parseMarkup } from "../../src/markup/index.ts";

const linkify = new LinkifyIt({ fuzzyEmail: false });
for (const schema of ["ftp:", "//", "mailto:"]) linkify.add(schema, null);

function linksIn(parts: readonly Inline[]): string[] {
  return parts.flatMap((part) => {
    if (part.kind === "link") return part.children.map((child) => (child.kind === "text" ? child.text : ""));
    return "children" in part ? linksIn(part.children) : [];
  });
}

const ours = (text: string): string[] =>
  parseMarkup(text).flatMap((block) => (block.kind === "paragraph" ? linksIn(block.children) : []));

const theirs = (text: string): string[] =>
  (linkify.match(text) ?? []).map(({ raw }) => raw).filter((address) => URL.canParse(address));

test.each([
  ["https://en.wikipedia.org/wiki/Rubik's_Cube", "https://en.wikipedia.org/wiki/Rubik's_Cube"],
  ["https://a.org/foo，下一句", "https://a.org/foo"],
  ["https://a.org/foo。", "https://a.org/foo"],
  ["（https://a.org/foo）", "https://a.org/foo"],
  ["https://a.org/foo、次", "https://a.org/foo"],
  ["https://a.org/foo！不", "https://a.org/foo"],
  ["https://a.org/foo；不", "https://a.org/foo"],
  ["「https://a.org/foo」と", "https://a.org/foo"],
  ["https://a.org，下一句", "https://a.org"],
  ["https://a.org。", "https://a.org"],
  ["https://a.org/?q=1&b=2，ok", "https://a.org/?q=1&b=2"],
  ["https://a.org/#top。", "https://a.org/#top"],
  ["https://a.org/x…", "https://a.org/x"],
  ["https://a.org/x — and", "https://a.org/x"],
  ["“https://a.org/x”", "https://a.org/x"],
  ["https://a.org/wiki/A_(b), c", "https://a.org/wiki/A_(b)"],
  ["(https://a.org/wiki/A_(b))", "https://a.org/wiki/A_(b)"],
  ["[https://a.org/x]", "https://a.org/x"],
  ["https://a.org/_foo_", "https://a.org/_foo_"],
  ["https://a.org/~ann/", "https://a.org/~ann/"],
  ["https://a.org/x?", "https://a.org/x"],
  ["https://a.org/x!", "https://a.org/x"],
  ["https://a.org/a...b", "https://a.org/a...b"],
  ["https://例子.测试/路径", "https://例子.测试/路径"],
  ["https://[::1]:8000/x", "https://[::1]:8000/x"],
  ["https://a.org:8080", "https://a.org:8080"],
])("an address ends where linkify-it ends it: %s", (text, address) => {
  expect(ours(text)).toEqual([address]);
  expect(theirs(text)).toEqual([address]);
});

test.each([
  ["https://a.org,https://b.org", ["https://a.org", "https://b.org"]],
  ["https://a.org、https://b.org", ["https://a.org", "https://b.org"]],
  ["https://a.org;https://b.org", ["https://a.org", "https://b.org"]],
  ["https://a.org|https://b.org", []],
])("two addresses are two links: %s", (text, addresses) => {
  expect(theirs(text)).toEqual(addresses);
  if (addresses.length > 0) expect(ours(text)).toEqual(addresses);
});

const PIECES = fc.constantFrom(
  ..."a b.org /foo ? # ( ) [x] { } ' \" . .. , ; : ! - -- _ ~ @ % & = + $ | ^ é 路径 ， 。 ） 「 」 … — · < > ｜ 😀 1 :80".split(
    " ",
  ),
  " ",
);

test("an address ends where linkify-it ends it, for any characters", () => {
  const addresses = fc
    .tuple(
      fc.constantFrom(
        "https://a.org",
        "http://a.b.org/",
        "https://a.org/x",
        "https://a.org/?q=",
        "https://a.org#t",
        "HTTPS://É.org/x",
      ),
      fc.array(PIECES, { maxLength: 8 }),
    )
    .map(([origin, rest]) => origin + rest.join(""))
    // A name before the host is no link here. Markup that pairs inside an address is tested below.
    .filter((text) => !/^https?:\/\/[^/?#\s]*@/i.test(text) && !text.includes("~~"));
  fc.assert(
    fc.property(addresses, (text) => {
      expect(ours(text)[0]).toBe(theirs(text)[0]);
    }),
    { numRuns: 20_000 },
  );
});

test.each([
  ["_https://a.org_", "https://a.org"],
  ["_https://a.org/_", "https://a.org/"],
  ["_https://a.org/foo_bar_", "https://a.org/foo_bar"],
  ["__https://a.org/x__", "https://a.org/x"],
  ["*https://a.org/x*", "https://a.org/x"],
  ["**https://a.org**", "https://a.org"],
  ["**https://a.org/x**。次", "https://a.org/x"],
  ["**看https://a.org/x**看", "https://a.org/x"],
  ["~~https://a.org~~", "https://a.org"],
  ["~~https://a.org/~ann~~", "https://a.org/~ann"],
  ["**_https://a.org/x_**", "https://a.org/x"],
  ["_see https://a.org/x, please_", "https://a.org/x"],
  ["_(https://a.org/x)_", "https://a.org/x"],
])("an address ends before the markup around it: %s", (text, address) => {
  expect(ours(text)).toEqual([address]);
  const [block] = parseMarkup(text);
  const [part] = block?.kind === "paragraph" ? block.children : [];
  expect(["emphasis", "strong", "strikethrough"]).toContain(part?.kind);
});
