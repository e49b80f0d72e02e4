import { type Inline, parseInline } from "./markdown-inline.ts";

export type Block =
  | { readonly kind: "paragraph"; readonly inside: readonly Inline[] }
  /** `language`: as it was written after the fence; "" where nothing was. */
  | { readonly kind: "code"; readonly text: string; readonly language: string }
  | { readonly kind: "quote"; readonly inside: readonly Block[] }
  | { readonly kind: "list"; readonly start: number | null; readonly items: readonly (readonly Block[])[] };

/** Quotes and lists within each other, at most; what would go deeper stays text. */
const MAX_DEPTH = 8;

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]{0,40})[ \t]*$/;
/** With a space or another one behind it: `>_<` is a face. */
const QUOTE = /^ {0,3}>(?=[ \t>]|$)/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])([ \t]+)(?=\S)/;

/**
 * Reads what people write in a chat: bold, italic, struck out, code, fenced blocks, quotes, lists, links. Everything else is text,
 * and stays exactly as it was typed, line breaks and spaces included; no HTML is known here. Takes time in proportion to
 * the text, whatever is in it.
 */
export function parseMarkdown(text: string): Block[] {
  return parseLines(text.replace(/\r\n?/g, "\n").split("\n"), 0);
}

function parseLines(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];

  function endParagraph(): void {
    const inside = trimBlankLines(paragraph);
    if (inside.length > 0) blocks.push({ kind: "paragraph", inside: parseInline(inside.join("\n")) });
    paragraph = [];
  }

  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? "";
    const found = depth < MAX_DEPTH ? parseBlock(lines, at, depth, paragraph) : undefined;
    if (found === undefined) {
      paragraph.push(line);
      at += 1;
      continue;
    }
    endParagraph();
    blocks.push(found.block);
    at = found.end;
  }
  endParagraph();
  return blocks;
}

interface FoundBlock {
  readonly block: Block;
  /** The first line after it. */
  readonly end: number;
}

function parseBlock(
  lines: readonly string[],
  at: number,
  depth: number,
  paragraph: readonly string[],
): FoundBlock | undefined {
  const line = lines[at] ?? "";
  const fence = FENCE.exec(line);
  if (fence !== null) return parseCode(lines, at, fence[1] ?? "", fence[2] ?? "");
  if (QUOTE.test(line)) return parseQuote(lines, at, depth);
  const item = ITEM.exec(line);
  return item !== null && canStartList(item[2] ?? "", paragraph) ? parseList(lines, at, depth) : undefined;
}

/** Within a paragraph only a list from 1 begins: a line that happens to start with a year is no list. */
function canStartList(marker: string, before: readonly string[]): boolean {
  return !/^\d/.test(marker) || /^1[.)]$/.test(marker) || (before.at(-1) ?? "").trim() === "";
}

/** To the same fence again, or to the end where there is none. */
function parseCode(lines: readonly string[], at: number, fence: string, language: string): FoundBlock {
  let end = at + 1;
  while (end < lines.length && !closesFence(lines[end] ?? "", fence)) end += 1;
  return { block: { kind: "code", text: lines.slice(at + 1, end).join("\n"), language }, end: end + 1 };
}

function closesFence(line: string, fence: string): boolean {
  const text = line.trim();
  return text.length >= fence.length && text === (fence[0] ?? "").repeat(text.length);
}

function parseQuote(lines: readonly string[], at: number, depth: number): FoundBlock {
  let end = at;
  const inside: string[] = [];
  for (; end < lines.length && QUOTE.test(lines[end] ?? ""); end += 1) {
    inside.push((lines[end] ?? "").replace(/^ {0,3}> ?/, ""));
  }
  return { block: { kind: "quote", inside: parseLines(inside, depth + 1) }, end };
}

function parseList(lines: readonly string[], at: number, depth: number): FoundBlock {
  const first = ITEM.exec(lines[at] ?? "")?.[2] ?? "-";
  const kind = getListKind(first);
  const items: Block[][] = [];
  let end = at;
  while (end < lines.length) {
    const item = ITEM.exec(lines[end] ?? "");
    if (item === null || getListKind(item[2] ?? "") !== kind) break;
    const [marker] = item;
    const inside = [(lines[end] ?? "").slice(marker.length)];
    end += 1;
    // What is indented below an item belongs to it.
    for (; end < lines.length && /^(?: {2,}|\t)/.test(lines[end] ?? ""); end += 1) {
      inside.push(outdent(lines[end] ?? "", marker.length));
    }
    items.push(parseLines(inside, depth + 1));
  }
  return { block: { kind: "list", start: /^\d/.test(first) ? Number.parseInt(first, 10) : null, items }, end };
}

/** Items of one list have the same bullet, or the same sign after the number. */
function getListKind(marker: string): string {
  return /^\d/.test(marker) ? marker.slice(-1) : marker;
}

/** Takes away indentation, at most so much. */
function outdent(line: string, width: number): string {
  if (line.startsWith("\t")) return line.slice(1);
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

/** What was read before; the oldest goes first. Reading is quick, but a list that scrolls asks for the same over and over. */
const cache = new Map<string, readonly Block[]>();
const MAX_CACHED = 500;

/** As `parseMarkdown`, remembered. */
export function parseMarkdownCached(text: string): readonly Block[] {
  const cached = cache.get(text);
  if (cached !== undefined) return cached;
  const blocks = parseMarkdown(text);
  cache.set(text, blocks);
  if (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value ?? "");
  return blocks;
}
