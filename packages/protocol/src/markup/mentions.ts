import { type Block, parseMarkup } from "./blocks.ts";
import type { Inline } from "./inline.ts";
import { findNameEnds, toNameKey } from "./mention-names.ts";

/** For each mention in a text, the normalized names that it can mean, the longest first. */
export type MentionCandidates = readonly (readonly string[])[];

/** Bounds the cost of a message that consists of @names alone. */
const MAX_MENTIONS = 50;
const MAX_NAMES = 500;
const AT_SIGN = /[@\uff20\ufe6b]/;
/** Letters of other widths and styles are also an `all`, so anything beyond ASCII may be. */
const MAYBE_ALL = /[@\uff20\ufe6b](?:all|a?l?[^\0-\x7f])/i;

/**
 * Finds the names that a message may mention. Names in code, in addresses and after a backslash are not mentions. Which of the
 * candidates is meant depends on the users who exist.
 */
export function findMentionCandidates(text: string): MentionCandidates {
  if (!AT_SIGN.test(text)) return [];
  const mentions = new Set<string>();
  for (const block of parseMarkup(text)) collectFromBlock(block, mentions);
  const candidates: string[][] = [];
  let count = 0;
  for (const mention of mentions) {
    const run = mention.slice(1);
    const names = [...new Set(findNameEnds(run).map((end) => toNameKey(run.slice(0, end))))];
    count += names.length;
    if (candidates.length === MAX_MENTIONS || count > MAX_NAMES) break;
    candidates.push(names);
  }
  return candidates;
}

/** Whether a text may say `@all`, without parsing it. May be true for one that does not. */
export function mightMentionAll(text: string): boolean {
  return MAYBE_ALL.test(text);
}

function collectFromBlock(block: Block, mentions: Set<string>): void {
  switch (block.kind) {
    case "paragraph":
    case "action":
    case "heading":
      collectFromInlines(block.children, mentions);
      break;
    case "table":
      for (const row of [block.header, ...block.rows]) for (const cell of row) collectFromInlines(cell, mentions);
      break;
    case "quote":
      for (const child of block.children) collectFromBlock(child, mentions);
      break;
    case "list":
      for (const item of block.items) for (const child of item) collectFromBlock(child, mentions);
      break;
    case "code":
    case "rule":
  }
}

function collectFromInlines(parts: readonly Inline[], mentions: Set<string>): void {
  for (const part of parts) {
    if (part.kind === "mention") mentions.add(part.text);
    else if ("children" in part) collectFromInlines(part.children, mentions);
  }
}
