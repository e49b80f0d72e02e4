import { type Block, parseMarkdownCached } from "./markdown.ts";
import type { Inline } from "./markdown-inline.ts";

/** Returns a message's text on one line without its markup, for quotes, previews and screen readers. */
export function toPlainText(text: string): string {
  return parseMarkdownCached(text).map(blockToPlainText).join(" ").replace(/\s+/g, " ").trim();
}

function blockToPlainText(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return block.children.map(inlineToPlainText).join("");
    case "code":
      return block.text;
    case "quote":
      return block.children.map(blockToPlainText).join(" ");
    case "list":
      return block.items.map((item) => item.map(blockToPlainText).join(" ")).join(" · ");
  }
}

function inlineToPlainText(part: Inline): string {
  switch (part.kind) {
    case "text":
    case "code":
      return part.text;
    case "mention":
      return `@${part.name}`;
    default:
      return part.children.map(inlineToPlainText).join("");
  }
}
