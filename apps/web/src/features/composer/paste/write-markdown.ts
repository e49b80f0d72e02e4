import { parseMarkup } from "@multichat/protocol/markup";
import { describeBlocks, describeSpans, type Format, fromParsed, type PastedBlock, type Span } from "./pasted-block.ts";

/** Deeper quotes and lists are text for the parser. */
const MAX_DEPTH = 8;
const MAX_COLUMNS = 40;

/** One way to write the text of a block. */
interface Style {
  readonly marks: readonly Mark[];
  /** A word can end in `*`, but not in `_`. */
  readonly emphasis: "_" | "*";
  readonly escapes: keyof typeof ESCAPED;
}

type Mark = "href" | "strong" | "emphasis" | "strikethrough" | "code";

const ESCAPED = {
  needed: /(?!)/g,
  delimiters: /[*_~`]|\|(?=\|)/g,
  all: /[*_~`[\]@]|\|(?=\|)/g,
};

/** From what is nearest to the text as it was typed, to the text alone. */
const MARKS: readonly (readonly Mark[])[] = [
  ["href", "strong", "emphasis", "strikethrough", "code"],
  ["href", "strong", "code"],
  ["href", "code"],
  [],
];
const STYLES: readonly Style[] = MARKS.flatMap((marks) =>
  (["_", "*"] as const).flatMap((emphasis) =>
    (["needed", "delimiters", "all"] as const).map((escapes) => ({ marks, emphasis, escapes })),
  ),
);

/**
 * Returns Markdown that the parser reads as these blocks. A backslash is often text in a chat, so each block is parsed again, and
 * written in another way until its text is the same; the worst case is text without its marks, or code.
 *
 * @returns undefined if there is nothing, or no way
 */
export function writeMarkdown(pasted: readonly PastedBlock[]): string | undefined {
  const blocks = clean(pasted, 0);
  if (blocks.length === 0) return undefined;
  const expected = describeBlocks(blocks, { format: false });
  // Marks of one paragraph can meet those of the next.
  for (const from of [0, 1, 2, STYLES.length - 1, STYLES.length]) {
    const markdown = writeBlocks(blocks, from);
    const parsed = fromParsed(parseMarkup(markdown));
    if (describeBlocks(parsed, { format: false }) === expected) return markdown;
  }
  return undefined;
}

/** Leaves out what the parser would not see: what is empty, nested too deeply, or separates nothing. */
function clean(blocks: readonly PastedBlock[], depth: number): PastedBlock[] {
  const cleaned = blocks.flatMap((block): readonly PastedBlock[] => {
    switch (block.kind) {
      case "paragraph":
        return hasText(block.spans) ? [block] : [];
      case "heading":
        return hasText(block.spans) ? [{ ...block, spans: inOneLine(block.spans) }] : [];
      case "code":
        return block.text.trim() === "" ? [] : [block];
      case "quote": {
        const children = clean(block.children, depth + 1);
        return children.length === 0 || depth >= MAX_DEPTH ? children : [{ ...block, children }];
      }
      case "list": {
        const items = block.items
          .map((item) => ({ ...item, children: clean(item.children, depth + 1) }))
          .filter(({ children }) => children.length > 0);
        if (depth >= MAX_DEPTH) return items.flatMap(({ children }) => children);
        return items.length === 0 ? [] : [{ ...block, items }];
      }
      case "table": {
        const columns = Math.min(MAX_COLUMNS, Math.max(0, ...block.rows.map((row) => row.length)));
        const rows = block.rows.map((row) => Array.from({ length: columns }, (_, at) => inOneLine(row[at] ?? [])));
        return rows.some((row) => row.some(hasText)) ? [{ ...block, rows }] : [];
      }
      default:
        return [block];
    }
  });
  return cleaned.filter(
    ({ kind }, at) =>
      kind !== "rule" || (at > 0 && at < cleaned.length - 1 && cleaned[at + 1]?.kind !== "rule" && depth === 0),
  );
}

const hasText = (spans: readonly Span[]): boolean => spans.some(({ text }) => text.trim() !== "");
const inOneLine = (spans: readonly Span[]): Span[] =>
  spans.map((span) => ({ ...span, text: span.text.replaceAll(/\s+/g, " ") }));

function writeBlocks(blocks: readonly PastedBlock[], from: number): string {
  return blocks.map((block) => writeBlock(block, from)).join("\n\n");
}

function writeBlock(block: PastedBlock, from: number): string {
  switch (block.kind) {
    case "paragraph":
      return writeSpans(block.spans, from, PARAGRAPH);
    case "heading": {
      const marker = `${"#".repeat(block.level)} `;
      return marker + writeSpans(block.spans, from, { write: (text) => marker + text, kind: "heading" });
    }
    case "rule":
      return "---";
    case "code": {
      const fence = longerThanAny("```", block.text);
      return `${fence}${block.language}\n${block.text}\n${fence}`;
    }
    case "quote":
      return writeBlocks(block.children, from)
        .split("\n")
        .map((line) => (line === "" ? ">" : `> ${line}`))
        .join("\n");
    case "list":
      return writeList(block, from);
    case "table":
      return writeTable(block.rows, from);
  }
}

function writeList({ start, items }: Extract<PastedBlock, { kind: "list" }>, from: number): string {
  return items
    .map(({ isDone, children }, index) => {
      const marker = start === null ? "- " : `${start + index}. `;
      const box = isDone === undefined ? "" : `[${isDone ? "x" : " "}] `;
      let content = "";
      children.forEach((child, at) => {
        // A list that does not start at 1 needs a blank line above it.
        const isTight = child.kind === "list" && (child.start ?? 1) === 1 && children[at - 1]?.kind === "paragraph";
        if (at > 0) content += isTight ? "\n" : "\n\n";
        content += writeBlock(child, from);
      });
      return marker + box + content.replaceAll(/\n(?=[^\n])/g, `\n${" ".repeat(marker.length)}`);
    })
    .join("\n");
}

function writeTable(rows: Extract<PastedBlock, { kind: "table" }>["rows"], from: number): string {
  const write = (row: (typeof rows)[number]): string =>
    `| ${row.map((cell) => escapePipes(writeSpans(cell, from, CELL))).join(" | ")} |`;
  const [header = [], ...body] = rows;
  return [write(header), `|${" --- |".repeat(header.length)}`, ...body.map(write)].join("\n");
}

const escapePipes = (text: string): string => text.replaceAll("|", "\\|");

/** Where a text stands, to parse it as it will be. */
interface Place {
  readonly write: (text: string) => string;
  readonly kind: "paragraph" | "heading" | "table";
}

const PARAGRAPH: Place = { write: (text) => text, kind: "paragraph" };
const CELL: Place = { write: (text) => `| ${escapePipes(text)} | b |\n| --- | --- |`, kind: "table" };

function writeSpans(spans: readonly Span[], from: number, place: Place): string {
  if (!hasText(spans)) return "";
  for (const style of STYLES.slice(from)) {
    const shown = spans.map((span) => selectMarks(span, style.marks));
    const markdown = writeMarked(shown, style.marks, style);
    const text = place.kind === "paragraph" ? escapeLineStarts(markdown) : markdown;
    const parsed = readBack(text, place);
    if (parsed === undefined) continue;
    // What is left without marks may still be an address, which is a link by itself.
    const format = style.marks.length > 0;
    if (describeSpans(parsed, { format }) === describeSpans(shown, { format })) return text;
  }
  return writeAsCode(spans, place);
}

/** As code where a line would not be its text. */
function writeAsCode(spans: readonly Span[], place: Place): string {
  const lines = spans
    .map(({ text }) => text)
    .join("")
    .split("\n");
  return lines
    .map((line) => {
      const parsed = readBack(line, place);
      const isText = parsed !== undefined && describeSpans(parsed, { format: false }) === line;
      return isText && !/[\\*_~`|[\]#>]|^[ \d+-]/.test(line) ? line : writeCode(line);
    })
    .join("\n");
}

/** Returns how the parser reads a text in its place; undefined if it takes it for something else. */
function readBack(text: string, { write, kind }: Place): readonly Span[] | undefined {
  const [block, ...others] = fromParsed(parseMarkup(write(text)));
  if (block?.kind !== kind || others.length > 0) return undefined;
  return block.kind === "table" ? block.rows[0]?.[0] : "spans" in block ? block.spans : undefined;
}

function selectMarks(span: Span, marks: readonly Mark[]): Span {
  return { text: span.text, ...(Object.fromEntries(marks.map((mark) => [mark, span[mark]])) as Format) };
}

/** Writes the first mark around the spans that have it, and the others inside. */
function writeMarked(spans: readonly Span[], [mark, ...inner]: readonly Mark[], style: Style): string {
  if (mark === undefined) return escapeText(spans.map(({ text }) => text).join(""), style);
  let markdown = "";
  for (let from = 0; from < spans.length; ) {
    const value = spans[from]?.[mark] || undefined;
    let to = from + 1;
    while (to < spans.length && (spans[to]?.[mark] || undefined) === value) to += 1;
    const group = spans.slice(from, to);
    if (mark === "code" && value !== undefined) markdown += writeCode(group.map(({ text }) => text).join(""));
    else {
      const content = writeMarked(group, inner, style);
      markdown += value === undefined ? content : wrap(content, mark, value, style);
    }
    from = to;
  }
  return markdown;
}

function wrap(content: string, mark: Mark, value: string | true, style: Style): string {
  // Beside a space, marks would be text.
  const [, before = "", text = "", after = ""] = /^(\s*)(.*?)(\s*)$/s.exec(content) ?? [];
  if (text === "") return content;
  if (mark === "href") return `${before}[${text}](${value})${after}`;
  const sign = mark === "strong" ? "**" : mark === "emphasis" ? style.emphasis : "~~";
  return before + sign + text + sign + after;
}

function writeCode(text: string): string {
  if (text.trim() === "") return text;
  const fence = longerThanAny("`", text);
  const space = /^`|`$|^ .* $/.test(text) ? " " : "";
  return fence + space + text.replaceAll("\n", " ") + space + fence;
}

function longerThanAny(fence: string, text: string): string {
  const longest = (text.match(/`+/g) ?? []).reduce((length, run) => Math.max(length, run.length), fence.length - 1);
  return text.includes(fence) ? "`".repeat(longest + 1) : fence;
}

/** Text that is no markup by itself stays as it is, where that is enough. */
function escapeText(text: string, { escapes }: Style): string {
  if (!/[*_~`|[\]@]/.test(text)) return text;
  const isNeeded = escapes !== "needed" || isMarkup(text);
  return isNeeded ? text.replaceAll(escapes === "needed" ? ESCAPED.delimiters : ESCAPED[escapes], "\\$&") : text;
}

function isMarkup(text: string): boolean {
  const spans = readBack(text.trim(), PARAGRAPH);
  return spans === undefined || describeSpans(spans, { format: false }) !== text.trim();
}

function escapeLineStarts(text: string): string {
  return text
    .replaceAll(/^( {0,3})(?=(?:[-+*]|#{1,6})[ \t]+\S|>(?:[ \t>]|$)|-{3,}[ \t]*$)/gm, "$1\\")
    .replaceAll(/^( {0,3}\d{1,9})(?=[.)][ \t]+\S)/gm, "$1\\");
}
