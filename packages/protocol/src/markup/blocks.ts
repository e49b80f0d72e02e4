import { type Inline, parseInline } from "./inline.ts";

export type Block =
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  /** `language`: the first word after the fence, else "". */
  | { readonly kind: "code"; readonly text: string; readonly language: string }
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  | { readonly kind: "list"; readonly start: number | null; readonly items: readonly (readonly Block[])[] };

/** Nested quotes and lists; deeper ones stay text. */
const MAX_DEPTH = 8;

/** The text after a fence of backticks contains none: ```` ```a``` ```` is code inside a line. */
const FENCE = /^( {0,3})(?:(`{3,})([^`]*)|(~{3,})(.*))$/;
const CLOSING_FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*$/;
const MAX_LANGUAGE_CHARS = 40;
/** Followed by a space or another `>`, since `>_<` is a face. */
const QUOTE = /^ {0,3}>(?=[ \t>]|$)/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])([ \t]+)(?=\S)/;

/**
 * Parses the Markdown of chat messages: bold, italic, strikethrough, code, fenced blocks, quotes, lists, links. All other text
 * stays exactly as it was typed, line breaks and spaces included; HTML is not interpreted. Takes time linear in the length
 * of the text, whatever it contains.
 */
export function parseMarkup(text: string): Block[] {
  return parseLines(text.replace(/\r\n?/g, "\n").split("\n"), 0);
}

function parseLines(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];

  function endParagraph(): void {
    const content = trimBlankLines(paragraph);
    if (content.length > 0) blocks.push({ kind: "paragraph", children: parseInline(content.join("\n")) });
    paragraph = [];
  }

  for (let index = 0; index < lines.length; ) {
    const line = lines[index] ?? "";
    const found = depth < MAX_DEPTH ? parseBlock(lines, index, depth, paragraph) : undefined;
    if (found === undefined) {
      paragraph.push(line);
      index += 1;
      continue;
    }
    endParagraph();
    blocks.push(found.block);
    index = found.end;
  }
  endParagraph();
  return blocks;
}

interface ParsedBlock {
  readonly block: Block;
  /** The index of the first line after the block. */
  readonly end: number;
}

function parseBlock(
  lines: readonly string[],
  index: number,
  depth: number,
  paragraph: readonly string[],
): ParsedBlock | undefined {
  const line = lines[index] ?? "";
  const fence = FENCE.exec(line);
  if (fence !== null) {
    const code = parseCode(lines, index, fence);
    if (code !== undefined) return code;
  }
  if (QUOTE.test(line)) return parseQuote(lines, index, depth);
  const item = ITEM.exec(line);
  return item !== null && canStartList(item[2] ?? "", paragraph) ? parseList(lines, index, depth) : undefined;
}

/** Inside a paragraph a numbered list must start at 1: a line that begins with a year is no list. */
function canStartList(marker: string, before: readonly string[]): boolean {
  return !/^\d/.test(marker) || /^1[.)]$/.test(marker) || (before.at(-1) ?? "").trim() === "";
}

/**
 * Parses up to the closing fence, or to the end of the text without one. The fence's indentation is not part of the code. A
 * fence at the very end is text: as an empty block it would hide what was written after it.
 */
function parseCode(lines: readonly string[], index: number, opening: RegExpExecArray): ParsedBlock | undefined {
  const [, indentation = "", backticks = "", , tildes = ""] = opening;
  const info = (opening[3] ?? opening[5] ?? "").trim();
  const code: string[] = [];
  let end = index + 1;
  for (; end < lines.length && !closesFence(lines[end] ?? "", backticks + tildes); end += 1) {
    code.push(removeSpaces(lines[end] ?? "", indentation.length));
  }
  if (end === lines.length && code.every((line) => line.trim() === "")) return undefined;
  const [word = ""] = info.split(/\s/, 1);
  const language = word.replace(/\\([!-/:-@[-`{-~])/g, "$1").slice(0, MAX_LANGUAGE_CHARS);
  return { block: { kind: "code", text: code.join("\n"), language }, end: end + 1 };
}

function closesFence(line: string, fence: string): boolean {
  return CLOSING_FENCE.exec(line)?.[1]?.startsWith(fence) ?? false;
}

function parseQuote(lines: readonly string[], index: number, depth: number): ParsedBlock {
  let end = index;
  const content: string[] = [];
  for (; end < lines.length && QUOTE.test(lines[end] ?? ""); end += 1) {
    content.push((lines[end] ?? "").replace(/^ {0,3}> ?/, ""));
  }
  return { block: { kind: "quote", children: parseLines(content, depth + 1) }, end };
}

function parseList(lines: readonly string[], index: number, depth: number): ParsedBlock {
  const first = ITEM.exec(lines[index] ?? "")?.[2] ?? "-";
  const kind = getListKind(first);
  const items: Block[][] = [];
  let end = index;
  while (end < lines.length) {
    const item = ITEM.exec(lines[end] ?? "");
    if (item === null || getListKind(item[2] ?? "") !== kind) break;
    const [marker] = item;
    const content = [(lines[end] ?? "").slice(marker.length)];
    end += 1;
    // Indented lines below an item belong to it.
    for (; end < lines.length && /^(?: {2,}|\t)/.test(lines[end] ?? ""); end += 1) {
      content.push(outdent(lines[end] ?? "", marker.length));
    }
    items.push(parseLines(content, depth + 1));
  }
  return { block: { kind: "list", start: /^\d/.test(first) ? Number.parseInt(first, 10) : null, items }, end };
}

/** Items of one list share the bullet, or the character after the number. */
function getListKind(marker: string): string {
  return /^\d/.test(marker) ? marker.slice(-1) : marker;
}

/** Removes up to `width` spaces of indentation, or one tab. */
function outdent(line: string, width: number): string {
  return line.startsWith("\t") ? line.slice(1) : removeSpaces(line, width);
}

function removeSpaces(line: string, width: number): string {
  let cut = 0;
  while (cut < width && line[cut] === " ") cut += 1;
  return line.slice(cut);
}

function trimBlankLines(lines: readonly string[]): readonly string[] {
  let from = 0;
  let to = lines.length;
  while (from < to && (lines[from] ?? "").trim() === "") from += 1;
  while (to > from && (lines[to - 1] ?? "").trim() === "") to -= 1;
  return lines.slice(from, to);
}
