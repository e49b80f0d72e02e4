import { type Block, parseMarkup } from "@multichat/protocol/markup";

/** Recently parsed texts, the oldest dropped first: a scrolling list renders the same messages over and over. */
const cache = new Map<string, readonly Block[]>();
const MAX_CACHED = 500;

/** Like `parseMarkup`, cached. */
export function parseCached(text: string): readonly Block[] {
  const cached = cache.get(text);
  if (cached !== undefined) return cached;
  const blocks = parseMarkup(text);
  cache.set(text, blocks);
  if (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value ?? "");
  return blocks;
}
