import { excerptToPlainText as blocksToExcerpt, toPlainText as blocksToPlainText } from "@multichat/protocol/markup";
import { parseCached } from "./parse-cached.ts";

/** The server cuts an excerpt off at this length. In code units, so that no cut one is taken for whole. */
const EXCERPT_CHARS = 140;

/** Returns a message's text on one line without its markup and spoilers, for quotes, previews, notifications and screen readers. */
export function toPlainText(text: string): string {
  return blocksToPlainText(parseCached(text));
}

/** Returns who says what on one line, or who does what: `alice: hello`, `alice waves`. */
export function describeMessage(author: string | undefined, text: string): string {
  if (author === undefined) return toPlainText(text);
  const isAction = parseCached(text)[0]?.kind === "action";
  return `${author}${isAction ? "" : ":"} ${toPlainText(text)}`;
}

/** The same of the excerpt of a message. */
export function excerptToPlainText(excerpt: string): string {
  return blocksToExcerpt(parseCached(excerpt), { isCut: excerpt.length >= EXCERPT_CHARS });
}

/** Returns a message's text as it was typed; without its markup if a part of it is a spoiler. */
export function hideSpoilers(text: string): string {
  return text.includes("||") && hasSpoiler(parseCached(text)) ? toPlainText(text) : text;
}

/** Looks at every part of the tree. */
function hasSpoiler(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  return ("kind" in part && part.kind === "spoiler") || Object.values(part).some(hasSpoiler);
}
