import fc from "fast-check";
import { expect, test } from "vitest";
import { type Block, type Inline, parseMarkup } from "../../src/markup/index.ts";
import { read } from "./notation.ts";

test.each([
  ["*a* and _b_", "<emphasis a> and <emphasis b>"],
  ["**a** and __b__", "<strong a> and <strong b>"],
  ["***a***", "<emphasis <strong a>>"],
  ["~~a~~, about ~5", "<strikethrough a>, about ~5"],
  ["**bold *both* bold**", "<strong bold <emphasis both> bold>"],
  ["**a *b** c*", "<strong a *b> c*"],
  ["a*b*c but snake_case_name", "a<emphasis b>c but snake_case_name"],
  ["2 * 3 * 4 and * not", "2 * 3 * 4 and * not"],
  ["**foo*bar**", "<strong foo*bar>"],
  ["**强调**。", "<strong 强调>。"],
  ["*one\ntwo*", "<emphasis one\ntwo>"],
  ["\\*not\\*", "*not*"],
  ["C:\\new \\d+ \\\\server", "C:\\new \\d+ \\\\server"],
])("parses %j as %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ["`a *b* c`", "<code a *b* c>"],
  ["``a ` b``", "<code a ` b>"],
  ["` `` `", "<code ``>"],
  ["a ` b", "a ` b"],
  ["`@ann https://a.example`", "<code @ann https://a.example>"],
  ["**`x`**", "<strong <code x>>"],
])("keeps code unchanged: %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test("keeps text without markup as typed, with its lines and spaces", () => {
  const text = "one\n\n\n  two   three\n\tfour # 5 <b>&amp; ¯\\(ツ)/¯";
  expect(parseMarkup(text)).toEqual([{ kind: "paragraph", children: [{ kind: "text", text }] }]);
});

test.each([
  ["```\na\n  b\n```", "{code |a\n  b}"],
  ["```ts\nconst a = `b`;\n```\nafter", "{code ts|const a = `b`;} / after"],
  ["before\n~~~\na\n```\n~~~", "before / {code |a\n```}"],
  ["```\nnever closed\n> a", "{code |never closed\n> a}"],
  ["```a b```", "<code a b>"],
])("parses a fenced block: %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ["> a\n> b\nc", "{quote a\nb} / c"],
  ["> > a\n> b", "{quote {quote a} / b}"],
  [">_< and >:(", ">_< and >:("],
  ["> - a\n> - b", "{quote {- a; b}}"],
])("ends a quote with its lines: %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ["- a\n- b", "{- a; b}"],
  ["* *a*\n* b", "{- <emphasis a>; b}"],
  ["3. a\n4. b", "{3 a; b}"],
  ["text\n1. a", "text / {1 a}"],
  ["It was in\n1984. A bad year", "It was in\n1984. A bad year"],
  ["- a\n  more\n  - deeper\n- b", "{- a\nmore / {- deeper}; b}"],
  ["- a\n1. b", "{- a} / {1 b}"],
  ["-1 and -x", "-1 and -x"],
  ["\\- a", "- a"],
  ["1\\. a", "1. a"],
])("parses the list in %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ["[a](https://example.org/x)", "<link https://example.org/x a>"],
  ["[*a* `b`](http://example.org)", "<link http://example.org/ <emphasis a> <code b>>"],
  ["*[a*](https://a.example)", "*<link https://a.example/ a*>"],
  ["[write](mailto:ann@example.org)", "<link mailto:ann@example.org write>"],
  ["[a](https://en.example/Room_(x))", "<link https://en.example/Room_(x) a>"],
  ["[https://bank.example](https://a.example)", "<link https://a.example/ https://bank.example>"],
  ["[a [b](https://b.example) c](https://c.example)", "<link https://c.example/ a b c>"],
  ["[](https://a.example)", "<link https://a.example/ https://a.example/>"],
  ...["\u200b", " ", "\u00a0", "\u3164", "\u2800", "\u202e", "\u00ad\ufeff", "**\u200b**", "`\u2060`", "\u{e0041}"].map(
    (text) => [`[${text}](https://a.example)`, "<link https://a.example/ https://a.example/>"],
  ),
  ["**https://a.example/x**", "<strong <link https://a.example/x https://a.example/x>>"],
  ["[x] [y](no) [z]", "[x] [y](no) [z]"],
  ["![a](https://a.example/a.png)", "!<link https://a.example/a.png a>"],
])("parses the link in %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  "[a](javascript:alert(1))",
  "[a](JaVaScRiPt:alert(1))",
  "[a](java\nscript:alert(1))",
  "[a](java\tscript:alert(1))",
  "[a](\u0001javascript:alert(1))",
  "[a](data:text/html,x)",
  "[a](vbscript:x)",
  "[a](file:///etc/passwd)",
  "[a](//evil.example)",
  "[a](/login)",
  "[a](https://bank.example@evil.example/)",
  '[a](https://a.example "onmouseover=alert(1)")',
  "[a]: https://a.example",
])("finds no link in %j", (text) => {
  expect(read(text)).not.toContain("<link javascript");
  for (const href of hrefsOf(parseMarkup(text))) expect(new URL(href).host).toBe("a.example");
});

test("treats HTML as text", () => {
  const text = '<img src=x onerror=alert(1)> <script>alert(1)</script> &lt;b&gt; <a href="javascript:x">';
  expect(parseMarkup(text)).toEqual([{ kind: "paragraph", children: [{ kind: "text", text }] }]);
});

test.each([
  ["hello @ann!", "hello <@ann>!"],
  ["@ann. So", "<@ann.> So"],
  ["(@Ünal-2 @all)", "(<@Ünal-2> <@all>)"],
  ["me@example.org", "me@example.org"],
  ["@@ann @ @-x", "@<@ann> @ @-x"],
  ["*@ann*", "<emphasis <@ann>>"],
  ["[@ann](https://a.example)", "<link https://a.example/ @ann>"],
])("parses the mention in %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

/** Returns the inline parts of all levels. */
function inlinesOf(found: Block): readonly Inline[] {
  const flat = (part: Inline): Inline[] => [part, ...("children" in part ? part.children.flatMap(flat) : [])];
  switch (found.kind) {
    case "paragraph":
    case "action":
    case "heading":
      return found.children.flatMap(flat);
    case "table":
      return [found.header, ...found.rows].flat(2).flatMap(flat);
    case "rule":
      return [];
    case "quote":
      return found.children.flatMap(inlinesOf);
    case "list":
      return found.items.flat().flatMap(inlinesOf);
    case "code":
      return [{ kind: "code", text: found.text }];
  }
}

const hrefsOf = (found: readonly Block[]): string[] =>
  found.flatMap(inlinesOf).flatMap((part) => (part.kind === "link" ? [part.href] : []));

function textOf(found: readonly Block[]): string {
  const text = (part: Inline) => ("text" in part ? part.text : "");
  return found.flatMap(inlinesOf).map(text).join("");
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let deepest = 0;
  for (const child of Object.values(value)) deepest = Math.max(deepest, depthOf(child));
  return Array.isArray(value) ? deepest : 1 + deepest;
}

const PIECES = fc.constantFrom(
  ..."*|**|***|_|__|~~|~|`|``|```|[|]|](|(|)|> |- |  - |1. |\n|\n\n| |a|b c|@ann|https://|a.example|javascript:|\\|<b>|é|😀|\u202e|# |### |---|[ ] |[x] ".split(
    "|",
  ),
  "|",
  "||",
  "| a | b |\n|---|:-:|\n",
);

test("loses no word, allows only safe links and bounds the nesting, for any text", () => {
  fc.assert(
    fc.property(fc.array(PIECES, { maxLength: 60 }), (pieces) => {
      const text = pieces.join("");
      const found = parseMarkup(text);
      const words = (of: string) =>
        of
          .replaceAll("x", "")
          .match(/[\p{L}😀]+/gu)
          ?.join("") ?? "";
      // The address of a link with text is not shown, nor the language of a fence, nor the `x` of a task.
      if (!text.includes("](") && !/`{3}|~{3}/.test(text)) expect(words(textOf(found))).toBe(words(text));
      for (const href of hrefsOf(found)) {
        const url = new URL(href);
        expect(["http:", "https:", "mailto:"]).toContain(url.protocol);
        expect(url.username + url.password).toBe("");
      }
      expect(depthOf(found)).toBeLessThan(60);
    }),
    { numRuns: 3000 },
  );
});

/** Thirty times the longest message: anything slower than linear time would not finish. */
const HOSTILE_LENGTH = 300_000;
const repeated = (text: string): string => text.repeat(Math.ceil(HOSTILE_LENGTH / text.length));

test.each([
  repeated("*"),
  repeated("*a "),
  `${repeated("*a _b ~~c ")}${repeated("c~~ b_ a* ")}`,
  repeated("**a *b"),
  repeated("["),
  repeated("[a]("),
  repeated("[a](b"),
  `${repeated("[")}](https://a.example)`,
  repeated("`"),
  Array.from({ length: 770 }, (_, i) => "`".repeat(i)).join(" "),
  repeated("> "),
  repeated(">"),
  `${repeated("- ")}a`,
  Array.from({ length: 770 }, (_, i) => `${" ".repeat(i)}- a`).join("\n"),
  repeated("1. a\n"),
  repeated("http://%"),
  repeated("https://a.example/"),
  `https://example.org/${repeated(")")}`,
  repeated("@a"),
  repeated("\\"),
  repeated("_a*"),
  repeated("@"),
  repeated("@看"),
  repeated("._-@a"),
  `@${repeated("._-")}@`,
  repeated("\\_"),
  repeated("\\_a_/"),
  repeated("\\@a"),
  repeated("https://a.org/("),
  repeated("https://a.org/'a"),
  repeated('https://a.org/"a'),
  repeated("https://a@b*"),
  `https://a.org/${repeated("(")}`,
  `https://${repeated("a.")}`,
  `https://u@h${repeated("*")}a`,
  `_*~~${repeated("https://a.b/a*")}`,
  repeated("[](http://%)"),
  repeated("```a\n"),
  repeated("~~~ a b\n"),
  repeated("||"),
  repeated("||a "),
  repeated("||a|| "),
  `||${repeated("\u200b|| ")}`,
  repeated("||\u200b|| "),
  repeated(" ||a`b*c_d"),
  repeated("\\|\\|a "),
  repeated("\\||"),
  repeated("|"),
  repeated("| a "),
  `| a |\n|---|\n${repeated("||a| ")}`,
  `| a |\n|---|\n${repeated("|\n")}`,
  `${repeated("|a")}\n${repeated("|-")}\n${repeated("|\n")}`,
  repeated("|a|\n|-|\n"),
  repeated("a|\n---|"),
  repeated("# "),
  `# ${repeated(" #")}a`,
  `# a${repeated(" ")}#`,
  repeated("# a #\n"),
  repeated("---\n"),
  repeated("\n---"),
  repeated("a\n---\n\n"),
  `${repeated("\n")}---\n`,
  repeated("\\---\n"),
  repeated("- [ ] "),
  repeated("- [x] a\n"),
  repeated("- [ ] a\n  - [x] b\n"),
])("parses hostile text in linear time and with bounded depth (%#)", (text) => {
  expect(depthOf(parseMarkup(text))).toBeLessThan(80);
});
