import type { Block, Inline } from "@multichat/protocol/markup";

/** A piece of text with its format. A line break is the only space besides single spaces. */
export interface Span extends Format {
  readonly text: string;
}

export interface Format {
  readonly strong?: boolean;
  readonly emphasis?: boolean;
  readonly strikethrough?: boolean;
  readonly code?: boolean;
  readonly spoiler?: boolean;
  readonly href?: string | undefined;
}

export interface PastedItem {
  /** Of an item with a box. */
  readonly isDone?: boolean | undefined;
  readonly children: readonly PastedBlock[];
}

/** What the parser's blocks are, without what only its own text has. */
export type PastedBlock =
  | { readonly kind: "paragraph"; readonly spans: readonly Span[] }
  | { readonly kind: "heading"; readonly level: number; readonly spans: readonly Span[] }
  | { readonly kind: "rule" }
  | { readonly kind: "code"; readonly language: string; readonly text: string }
  | { readonly kind: "quote"; readonly children: readonly PastedBlock[] }
  | { readonly kind: "list"; readonly start: number | null; readonly items: readonly PastedItem[] }
  /** The first row is the header. */
  | { readonly kind: "table"; readonly rows: readonly (readonly (readonly Span[])[])[] };

/** Returns what the parser has read. */
export function fromParsed(blocks: readonly Block[]): PastedBlock[] {
  return blocks.map((block): PastedBlock => {
    switch (block.kind) {
      case "paragraph":
        return { kind: "paragraph", spans: toSpans(block.children) };
      case "action":
        return { kind: "paragraph", spans: [{ text: "(action)" }, ...toSpans(block.children)] };
      case "heading":
        return { kind: "heading", level: block.level, spans: toSpans(block.children) };
      case "quote":
        return { kind: "quote", children: fromParsed(block.children) };
      case "list":
        return {
          kind: "list",
          start: block.start,
          items: block.items.map((item, index) => ({
            isDone: block.tasks?.[index]?.isDone,
            children: fromParsed(item),
          })),
        };
      case "table":
        return { kind: "table", rows: [block.header, ...block.rows].map((row) => row.map((cell) => toSpans(cell))) };
      default:
        return block;
    }
  });
}

function toSpans(parts: readonly Inline[], format: Format = {}): Span[] {
  return parts.flatMap((part): Span[] => {
    switch (part.kind) {
      case "text":
      case "mention":
        return [{ ...format, text: part.text }];
      case "code":
        return [{ ...format, code: true, text: part.text }];
      case "link": {
        const [only] = part.children;
        const isBare = part.children.length === 1 && only?.kind === "text" && isSameAddress(only.text, part.href);
        return toSpans(part.children, isBare ? format : { ...format, href: part.href });
      }
      default:
        return toSpans(part.children, { ...format, [part.kind]: true });
    }
  });
}

/** Whether a text is this address itself, which is a link without any markup. */
export function isSameAddress(text: string, href: string): boolean {
  return text === href || (/^https?:\/\//i.test(text) && URL.canParse(text) && new URL(text).href === href);
}

interface DescribeOptions {
  /** Describe the format of the text, too. */
  readonly format: boolean;
}

/** Returns a text that is the same for blocks with the same content, however their text is divided into spans and paragraphs. */
export function describeBlocks(blocks: readonly PastedBlock[], options: DescribeOptions): string {
  let description = "";
  blocks.forEach((block, index) => {
    // Text after a blank line is the same paragraph for the parser.
    const isContinued = block.kind === "paragraph" && blocks[index - 1]?.kind === "paragraph";
    description += isContinued ? `\n\n${describeSpans(block.spans, options)}` : `\n{${describeBlock(block, options)}`;
  });
  return description;
}

function describeBlock(block: PastedBlock, options: DescribeOptions): string {
  switch (block.kind) {
    case "paragraph":
      return `paragraph ${describeSpans(block.spans, options)}`;
    case "heading":
      return `heading ${block.level} ${describeSpans(block.spans, options)}`;
    case "rule":
      return "rule";
    case "code":
      return `code ${block.language} ${JSON.stringify(block.text)}`;
    case "quote":
      return `quote ${describeBlocks(block.children, options)}}`;
    case "list": {
      const items = block.items.map((item) => `${item.isDone ?? "-"} ${describeBlocks(item.children, options)}}`);
      return `list ${block.start} ${items.join(";")}`;
    }
    case "table":
      return `table ${block.rows.map((row) => row.map((cell) => describeSpans(cell, options)).join("|")).join(";")}`;
  }
}

/** Spaces have no format: which side of a mark they are on does not show. */
export function describeSpans(spans: readonly Span[], { format }: DescribeOptions): string {
  let description = "";
  let last = describeFormat({});
  for (const span of spans) {
    const current = describeFormat(span);
    for (const piece of span.text.split(/(\s+)/)) {
      if (format && piece.trim() !== "" && current !== last) {
        description += current;
        last = current;
      }
      description += piece;
      // A blank line may be where another paragraph begins.
      if (piece.includes("\n\n")) last = describeFormat({});
    }
  }
  return description;
}

const describeFormat = ({ strong, emphasis, strikethrough, code, spoiler, href }: Format): string =>
  `⟦${[strong, emphasis, strikethrough, code, spoiler].map((isOn) => (isOn === true ? 1 : 0)).join("")} ${href ?? ""}⟧`;
