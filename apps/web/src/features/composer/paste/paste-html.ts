import { htmlToBlocks } from "./html-to-blocks.ts";
import { writeMarkdown } from "./write-markdown.ts";

/** More than that is pasted as plain text. */
const MAX_HTML_CHARS = 500_000;
/** Editors copy code with its spaces. */
const CODE_EDITOR = /^<(?:div|pre)\b[^>]*\bwhite-space:\s*pre\s*[;"']/i;

/**
 * Returns the Markdown of copied HTML. Its document is never shown: it runs nothing and loads nothing.
 *
 * @returns undefined where the plain text is the better one: there is nothing, too much, or code of an editor
 */
export function htmlToMarkdown(html: string): string | undefined {
  if (html.length > MAX_HTML_CHARS) return undefined;
  const { body } = new DOMParser().parseFromString(html, "text/html");
  if (CODE_EDITOR.test(body.innerHTML.trimStart())) return undefined;
  return writeMarkdown(htmlToBlocks(body));
}
