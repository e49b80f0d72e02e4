import type { Block } from "./blocks.ts";
import { inlineToPlainText } from "./inline.ts";

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
