import { createRequire } from "node:module";
import { disguisedPayloads } from "./disguises.ts";
import { markdownPayloads } from "./markdown.ts";
import { markupPayloads } from "./markup.ts";
import type { Payload } from "./payload.ts";

/** What in the published list aims at a page that shows HTML; the rest of it aims at databases, shells and fonts. */
const AIMED_AT_PAGES = /<|javascript|&#|alert|\bon\w+\s*=/i;

function published(): Payload[] {
  const list: unknown = createRequire(import.meta.url)("big-list-of-naughty-strings");
  if (!Array.isArray(list)) throw new TypeError("expected big-list-of-naughty-strings to be a list");
  return list
    .filter((text): text is string => typeof text === "string" && AIMED_AT_PAGES.test(text))
    .map((text) => ({ text, from: "big-list-of-naughty-strings" }));
}

/** Every payload once, in a fixed order. */
export function corpus(): readonly Payload[] {
  const once = new Map<string, Payload>();
  for (const payload of [...published(), ...markupPayloads(), ...disguisedPayloads(), ...markdownPayloads()]) {
    if (!once.has(payload.text)) once.set(payload.text, payload);
  }
  return [...once.values()];
}

/** How many there are from each source. */
export function countBySource(payloads: readonly Payload[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { from } of payloads) counts[from] = (counts[from] ?? 0) + 1;
  return counts;
}
