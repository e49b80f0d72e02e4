import { type Block, type Inline, parseMarkup } from "../../src/markup/index.ts";

/** A short notation of the result: in brackets the kind, then the content. */
function inline(part: Inline): string {
  switch (part.kind) {
    case "text":
      return part.text;
    case "code":
      return `<code ${part.text}>`;
    case "mention":
      return `<${part.text}>`;
    case "link":
      return `<link ${part.href} ${inlines(part.children)}>`;
    default:
      return `<${part.kind} ${inlines(part.children)}>`;
  }
}

const inlines = (parts: readonly Inline[]): string => parts.map(inline).join("");

function block(found: Block): string {
  switch (found.kind) {
    case "paragraph":
      return inlines(found.children);
    case "code":
      return `{code ${found.language}|${found.text}}`;
    case "quote":
      return `{quote ${blocks(found.children)}}`;
    case "list": {
      const box = (index: number) =>
        found.tasks?.[index] === undefined ? "" : found.tasks[index].isDone ? "[x] " : "[ ] ";
      return `{${found.start ?? "-"} ${found.items.map((item, index) => box(index) + blocks(item)).join("; ")}}`;
    }
    case "action":
      return `{me ${inlines(found.children)}}`;
    case "heading":
      return `{h${found.level} ${inlines(found.children)}}`;
    case "rule":
      return "{rule}";
    case "table": {
      const row = (cells: readonly (readonly Inline[])[]) => cells.map(inlines).join("|");
      const alignments = found.alignments.map((alignment) => alignment?.[0] ?? "-").join("");
      return `{table ${alignments} ${[found.header, ...found.rows].map(row).join("; ")}}`;
    }
  }
}

const blocks = (found: readonly Block[]): string => found.map(block).join(" / ");

/** Parses a text, and returns the result in a short notation. */
export const read = (text: string) => blocks(parseMarkup(text));
