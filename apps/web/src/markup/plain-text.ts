import { type Block, readMarkdown } from "./markdown.ts";
import type { Inline } from "./markdown-inline.ts";

/** What is left of a text on one line without its markup: for quotes, notices and what is read out. */
export function plainText(text: string): string {
  return readMarkdown(text).map(plainBlock).join(" ").replace(/\s+/g, " ").trim();
}

function plainBlock(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return block.inside.map(plainInline).join("");
    case "code":
      return block.text;
    case "quote":
      return block.inside.map(plainBlock).join(" ");
    case "list":
      return block.items.map((item) => item.map(plainBlock).join(" ")).join(" · ");
  }
}

function plainInline(part: Inline): string {
  switch (part.kind) {
    case "text":
    case "code":
      return part.text;
    case "mention":
      return `@${part.name}`;
    default:
      return part.inside.map(plainInline).join("");
  }
}
