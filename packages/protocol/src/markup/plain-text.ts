import type { Block } from "./blocks.ts";
import type { Inline } from "./inline.ts";

/** Returns a message's text on one line without its markup, for quotes, previews and screen readers. */
export function toPlainText(blocks: readonly Block[]): string {
  return blocks.map(blockToPlainText).join(" ").replace(/\s+/g, " ").trim();
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
    case "mention":
      return part.text;
    default:
      return part.children.map(inlineToPlainText).join("");
  }
}
