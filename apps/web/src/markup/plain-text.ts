import type { Message } from "@multichat/protocol";
import { excerptToPlainText as blocksToExcerpt, toPlainText as blocksToPlainText } from "@multichat/protocol/markup";
import { parseCached } from "./parse-cached.ts";

/** The server cuts an excerpt off at this length. In code units, so that no cut one is taken for whole. */
const EXCERPT_CHARS = 140;

/** Returns a message's text on one line without its markup and spoilers, for quotes, previews, notifications and screen readers. */
export function toPlainText(text: string): string {
  return blocksToPlainText(parseCached(text));
}

/** The parts of a message that say what is in it. */
export type MessageContent = Pick<Message, "body" | "files">;

/** Returns a message on one line; the names of its files if it has no text. */
export function summarizeMessage({ body, files = [] }: MessageContent): string {
  return body === "" ? files.map(({ name }) => name).join(", ") : toPlainText(body);
}

/** Returns who says what on one line, or who does what: `alice: hello`, `alice waves`. */
export function describeMessage({ author, ...content }: MessageContent & Pick<Message, "author">): string {
  const summary = summarizeMessage(content);
  if (author === null) return summary;
  const isAction = parseCached(content.body)[0]?.kind === "action";
  return `${author.username}${isAction ? "" : ":"} ${summary}`;
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
