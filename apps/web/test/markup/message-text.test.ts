import { createElement } from "react";
import { beforeAll, expect, test, vi } from "vitest";
import type { MentionInfo } from "../../src/markup/mentions.ts";
import { renderToMarkup } from "../fixtures/static-markup.ts";

type MessageTextModule = typeof import("../../src/markup/message-text.tsx");
let MessageText: MessageTextModule["MessageText"];

const NO_MENTIONS = { mentions: [], mentionNames: [], mentionsAll: false };

beforeAll(async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: true, addEventListener() {}, removeEventListener() {} }));
  vi.stubGlobal("location", new URL("https://chat.example/rooms/1"));
  const { session } = await import("../../src/state/session.ts");
  session.set({
    kind: "signed-in",
    profile: {
      me: { id: "ann", username: "ann", email: null, staff: false, superuser: false },
      limits: (await import("@multichat/protocol")).LIMITS,
      mayCreateRooms: false,
      mayReadVersions: false,
      version: "0",
    },
  });
  ({ MessageText } = await import("../../src/markup/message-text.tsx"));
});

const COPY_BUTTON =
  /<div><button type="button" title="Copy code"[^<>]*><svg[^<>]*><path[^<>]*><\/path><\/svg><\/button><span role="status"><span><\/span><\/span><\/div>/g;

function html(text: string, mentions: MentionInfo | null = NO_MENTIONS): string {
  return renderToMarkup(createElement(MessageText, { text, mentions }))
    .replace(/ class="[^"]*"/g, "")
    .replaceAll(COPY_BUTTON, "");
}

/** Returns the content of the outermost element. */
const renderContent = (text: string): string => /^<div dir="auto">(.*)<\/div>$/s.exec(html(text))?.[1] ?? "";

test("renders markup as elements", () => {
  expect(renderContent("**a** _b_ ~~c~~ `d`")).toBe(
    '<p><strong>a</strong> <em>b</em> <s>c</s> <code dir="ltr">d</code></p>',
  );
  expect(renderContent("- a\n- b")).toBe("<ul><li><p>a</p></li><li><p>b</p></li></ul>");
  expect(renderContent("3. a")).toBe('<ol start="3"><li><p>a</p></li></ol>');
  expect(renderContent("> a")).toBe("<blockquote><p>a</p></blockquote>");
  expect(renderContent("# a\n## b")).toBe('<h2 data-level="1">a</h2><h2 data-level="2">b</h2>');
  expect(renderContent("a\n---\nb")).toBe("<p>a</p><hr></hr><p>b</p>");
  expect(renderContent("| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 |")).toBe(
    '<div tabindex="0"><table><thead><tr><th scope="col">a</th><th scope="col" data-align="right">b</th></tr></thead>' +
      '<tbody><tr><td>1</td><td data-align="right">2</td></tr><tr><td>3</td><td colspan="1"></td></tr></tbody></table></div>',
  );
  expect(renderContent("- [ ] *a*\n- [x] b")).toBe(
    '<ul><li><input type="checkbox" aria-label="a" disabled="true"></input><div><p><em>a</em></p></div></li>' +
      '<li data-done="true"><input type="checkbox" aria-label="b" disabled="true" checked="true"></input><div><p>b</p></div></li></ul>',
  );
  expect(renderContent("||a||")).toBe(
    '<p><span tabindex="0" role="button" aria-label="Spoiler. Show it" title="Spoiler. Show it"><span>a</span></span></p>',
  );
  expect(renderContent("```js\na < b\n```")).toBe(
    '<div><pre dir="ltr" data-language="js" tabindex="0"><code>a &lt; b</code></pre></div>',
  );
});

test("opens external links in a new tab without a referrer, and links to rooms in place", () => {
  expect(renderContent("[a](https://a.example/x)")).toBe(
    '<p><a href="https://a.example/x" title="https://a.example/x" target="_blank" rel="noopener noreferrer nofollow">a</a></p>',
  );
  expect(renderContent("https://chat.example/rooms/2?seq=3")).toBe(
    '<p><a href="/rooms/2?seq=3">https://chat.example/rooms/2?seq=3</a></p>',
  );
});

test("emphasizes a mention of the reader", () => {
  const called = { mentions: ["ann", "bob"], mentionNames: ["ann", "bob"], mentionsAll: false };
  expect(html("@ann and @bob", called)).toContain('<bdi data-me="true">@ann</bdi> and <bdi>@bob</bdi>');
  expect(html("@all", { ...NO_MENTIONS, mentionsAll: true })).toContain('<bdi data-me="true">@all</bdi>');
  expect(html("请@bob看一下", called)).toContain("请<bdi>@bob</bdi>看一下");
  expect(renderContent("@nobody")).toBe("<p>@nobody</p>");
});

/** The elements that a message may produce, with their attributes. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  div: ["dir", "tabindex"],
  p: [],
  strong: [],
  em: [],
  s: [],
  bdi: ["data-me"],
  code: ["dir"],
  pre: ["dir", "data-language", "tabindex"],
  blockquote: [],
  ul: [],
  ol: ["start"],
  li: [],
  a: ["href", "title", "target", "rel"],
  h2: ["data-level"],
  hr: [],
  span: ["tabindex", "role", "aria-label", "title"],
  input: ["type", "aria-label", "checked", "disabled"],
  table: [],
  thead: [],
  tbody: [],
  tr: [],
  th: ["scope", "data-align"],
  td: ["data-align", "colspan"],
};

test.each([
  "<script>alert(1)</script>",
  '<img src=x onerror="alert(1)">',
  "<svg/onload=alert(1)>",
  "**<b onclick=alert(1)>x</b>**",
  "[x](javascript:alert(1))",
  "[x](  javascript:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  '[x](https://a.example/"onmouseover="alert(1))',
  "[x](https://a.example/'onmouseover='alert(1))",
  "[<img src=x onerror=alert(1)>](https://a.example)",
  "![x](https://a.example/x.png)",
  "<https://a.example/><script>alert(1)</script>",
  '```"><script>alert(1)</script>\nx\n```',
  '```js" onmouseover="alert(1)\nx\n```',
  "@ann<script>",
  "#<img src=x onerror=alert(1)>",
  "> <iframe src=javascript:alert(1)>",
  "- <style>*{display:none}</style>",
  "https://a.example/<script>alert(1)</script>",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "[x](https://a.example/\u202e)",
  "`<script>` ``<img>``",
  "# <img src=x onerror=alert(1)>",
  "||<img src=x onerror=alert(1)>||",
  "| <b onclick=alert(1)> |\n|:-:|\n| <script>alert(1)</script> |",
  '- [ ] "><img src=x onerror=alert(1)>',
])("renders only allowed elements for %j", (text) => {
  const drawn = html(text);
  for (const [, closing, name = "", attributes = ""] of drawn.matchAll(/<(\/?)([a-z0-9]+)([^>]*)>/g)) {
    expect(Object.keys(ALLOWED)).toContain(name);
    if (closing === "/") continue;
    for (const [, attribute = ""] of attributes.matchAll(/([a-z-]+)="[^"]*"/g)) {
      expect(ALLOWED[name]).toContain(attribute);
    }
    expect(attributes.replace(/ [a-z-]+="[^"]*"/g, "")).toBe("");
  }
  for (const [, href = ""] of drawn.matchAll(/href="([^"]*)"/g))
    expect(href).toMatch(/^(?:https?:\/\/|mailto:|\/rooms\/)/);
});
