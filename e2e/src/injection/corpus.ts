import { createRequire } from "node:module";
import { disguisedPayloads } from "./disguises.ts";
import { markdownPayloads } from "./markdown.ts";
import { markupPayloads } from "./markup.ts";
import type { Payload } from "./payload.ts";

/** The strings of the published list that target HTML pages; the others target databases, shells and fonts. */
const AIMED_AT_PAGES = /<|javascript|&#|alert|\bon\w+\s*=/i;

function published(): Payload[] {
  const list: unknown = createRequire(import.meta.url)("big-list-of-naughty-strings");
  if (!Array.isArray(list)) throw new TypeError("expected big-list-of-naughty-strings to be a list");
  return list
    .filter((text): text is string => typeof text === "string" && AIMED_AT_PAGES.test(text))
    .map((text) => ({ text, from: "big-list-of-naughty-strings" }));
}

/** Returns every payload once, in a fixed order. */
export function corpus(): readonly Payload[] {
  const byText = new Map<string, Payload>();
  for (const payload of [...published(), ...markupPayloads(), ...disguisedPayloads(), ...markdownPayloads()]) {
    if (!byText.has(payload.text)) byText.set(payload.text, payload);
  }
  return [...byText.values()];
}

/** Counts the payloads of each source. */
export function countBySource(payloads: readonly Payload[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { from } of payloads) counts[from] = (counts[from] ?? 0) + 1;
  return counts;
}
