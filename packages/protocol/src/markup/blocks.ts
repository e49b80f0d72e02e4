import { isBlank } from "../names/blank-text.ts";
import { unescapeInfo } from "./info-string.ts";
import { type Inline, parseInline } from "./inline.ts";
import { canStartTable, parseRow, parseTableHead, type Table } from "./tables.ts";

/** The box of an item of a task list. */
export interface Task {
  readonly isDone: boolean;
  /** The index in the text of the character between the brackets: a space, or an `x`. */
  readonly position: number;
}

export type Block =
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  /** A whole message that begins with `/me`: what its author does, without the `/me`. */
  | { readonly kind: "action"; readonly children: readonly Inline[] }
  /** `level`: 1 to 6. */
  | { readonly kind: "heading"; readonly level: number; readonly children: readonly Inline[] }
  /** A line across, between what is above and below it. */
  | { readonly kind: "rule" }
  /** `language`: the first word after the fence, else "". */
  | { readonly kind: "code"; readonly text: string; readonly language: string }
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  | {
      readonly kind: "list";
      readonly start: number | null;
      readonly items: readonly (readonly Block[])[];
      /** For each item its box, undefined for one without; left out of a list without boxes. */
      readonly tasks?: readonly (Task | undefined)[];
    }
  | Table;

/** Nested quotes and lists; deeper ones stay text. */
const MAX_DEPTH = 8;

/** The text after a fence of backticks contains none: ```` ```a``` ```` is code inside a line. */
const FENCE = /^( {0,3})(?:(`{3,})([^`]*)|(~{3,})(.*))$/;
const CLOSING_FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*$/;
const MAX_LANGUAGE_CHARS = 40;
/** Followed by a space or another `>`, since `>_<` is a face. */
const QUOTE = /^ {0,3}>(?=[ \t>]|$)/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])([ \t]+)(?=\S)/;
/** A box that a text follows: `[ ](https://example.org)` is a link. */
const TASK = /^\[([ xX])\][ \t]+(?=\S)/;
/** Followed by a space, since `#general` is a room and `#1` a number. */
const HEADING = /^ {0,3}(#{1,6})[ \t]+(?=\S)/;
const RULE = /^ {0,3}-{3,}[ \t]*$/;

/** The lines of a message, or of a quote or list item in it, without the markers before them. */
interface Lines {
  readonly lines: readonly string[];
  readonly depth: number;
  /** Where each of these lines ends in the text. */
  readonly ends: readonly number[];
}

/**
 * Parses the Markdown of chat messages: bold, italic, strikethrough, spoilers, code, fenced blocks, quotes, lists and task lists,
 * headings, rules, tables, links, actions (`/me waves`). All other text stays exactly as it was typed, line breaks and spaces included; HTML is not
 * interpreted. Takes time linear in the length of the text, whatever it contains.
 */
export function parseMarkup(text: string): Block[] {
  const lines = text.split(/\r\n?|\n/);
  const blocks = parseLines({ lines, depth: 0, ends: findLineEnds(text) });
  const action = blocks.length === 1 ? toAction(blocks[0]) : undefined;
  return action === undefined ? blocks : [action];
}

function toAction(block: Block | undefined): Block | undefined {
  const [first, ...others] = block?.kind === "paragraph" ? block.children : [];
  const marker = first?.kind === "text" ? /^\/me[ \t]+/.exec(first.text) : null;
  if (first?.kind !== "text" || marker === null) return undefined;
  const text = first.text.slice(marker[0].length);
  const children: readonly Inline[] = text === "" ? others : [{ kind: "text", text }, ...others];
  return children.length === 0 ? undefined : { kind: "action", children };
}

function findLineEnds(text: string): number[] {
  const ends: number[] = [];
  for (const { index } of text.matchAll(/\r\n?|\n|$/g)) ends.push(index);
  return ends;
}

function parseLines(content: Lines): Block[] {
  const { lines, depth } = content;
  const blocks: Block[] = [];
  let paragraph: string[] = [];

  function endParagraph(): void {
    const shown = trimBlankLines(paragraph);
    if (shown.length > 0) blocks.push({ kind: "paragraph", children: parseInline(shown.join("\n")) });
    paragraph = [];
  }

  for (let index = 0; index < lines.length; ) {
    const line = lines[index] ?? "";
    const found = depth < MAX_DEPTH ? parseBlock(content, index, paragraph, blocks) : undefined;
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
  content: Lines,
  index: number,
  paragraph: readonly string[],
  previous: readonly Block[],
): ParsedBlock | undefined {
  const { lines } = content;
  const line = lines[index] ?? "";
  const fence = FENCE.exec(line);
  if (fence !== null) {
    const code = parseCode(lines, index, fence);
    if (code !== undefined) return code;
  }
  if (QUOTE.test(line)) return parseQuote(content, index);
  const heading = parseHeading(line);
  if (heading !== undefined) return { block: heading, end: index + 1 };
  if (RULE.test(line) && separates(lines, index, paragraph, previous)) {
    return { block: { kind: "rule" }, end: index + 1 };
  }
  const item = ITEM.exec(line);
  if (item !== null && canStartList(item[2] ?? "", paragraph)) return parseList(content, index);
  return canStartTable(line, lines[index + 1]) ? parseTable(lines, index) : undefined;
}

/** The number signs at its end may be repeated for looks; they are not shown. */
function parseHeading(line: string): Block | undefined {
  const marker = HEADING.exec(line);
  if (marker === null) return undefined;
  let text = line.slice(marker[0].length).trimEnd();
  const closing = text.length - measureEnd(text, "#");
  if (closing === 0 || /[ \t]/.test(text[closing - 1] ?? "")) text = text.slice(0, closing).trimEnd();
  // Without a text that shows there would be nothing to see.
  if (isBlank(text)) return undefined;
  return { kind: "heading", level: marker[1]?.length ?? 1, children: parseInline(text) };
}

/** Returns how often the character is repeated at the end. */
function measureEnd(text: string, char: string): number {
  let from = text.length;
  while (text[from - 1] === char) from -= 1;
  return text.length - from;
}

/** Whether a line of hyphens has something above and below it to separate: alone it stays as it was typed. */
function separates(
  lines: readonly string[],
  index: number,
  paragraph: readonly string[],
  previous: readonly Block[],
): boolean {
  const isText = (line: string) => line.trim() !== "";
  if (previous.length === 0 && !paragraph.some(isText)) return false;
  let next = index + 1;
  while (next < lines.length && !isText(lines[next] ?? "")) next += 1;
  return next < lines.length;
}

/** The rows are the lines below that contain a pipe and begin nothing else. */
function parseTable(lines: readonly string[], index: number): ParsedBlock | undefined {
  const head = parseTableHead(lines[index] ?? "", lines[index + 1] ?? "");
  if (head === undefined) return undefined;
  const rows: Table["rows"][number][] = [];
  let end = index + 2;
  for (; end < lines.length; end += 1) {
    const line = lines[end] ?? "";
    const isRow = line.includes("|") && ![FENCE, QUOTE, HEADING, ITEM].some((other) => other.test(line));
    if (!isRow) break;
    rows.push(parseRow(line));
  }
  return { block: { kind: "table", ...head, rows }, end };
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
  // An empty block without a language would show nothing: it stays as it was typed.
  if (info === "" && code.join("").trim() === "") return toText(lines, index, end + 1);
  const [language = ""] = unescapeInfo(info).trim().split(/\s/, 1);
  return {
    block: { kind: "code", text: code.join("\n"), language: language.slice(0, MAX_LANGUAGE_CHARS) },
    end: end + 1,
  };
}

/** Returns lines as they were typed, up to the last one. */
function toText(lines: readonly string[], index: number, end: number): ParsedBlock {
  const text = lines.slice(index, end).join("\n");
  return { block: { kind: "paragraph", children: [{ kind: "text", text }] }, end };
}

function closesFence(line: string, fence: string): boolean {
  return CLOSING_FENCE.exec(line)?.[1]?.startsWith(fence) ?? false;
}

function parseQuote({ lines, depth, ends }: Lines, index: number): ParsedBlock {
  let end = index;
  const content: string[] = [];
  for (; end < lines.length && QUOTE.test(lines[end] ?? ""); end += 1) {
    content.push((lines[end] ?? "").replace(/^ {0,3}> ?/, ""));
  }
  // A quote of nothing would show nothing: its signs stay as they were typed.
  if (content.every((line) => line.trim() === "")) return toText(lines, index, end);
  const children = parseLines({ lines: content, depth: depth + 1, ends: ends.slice(index, end) });
  return { block: { kind: "quote", children }, end };
}

function parseList({ lines, depth, ends }: Lines, index: number): ParsedBlock {
  const first = ITEM.exec(lines[index] ?? "")?.[2] ?? "-";
  const kind = getListKind(first);
  const items: Block[][] = [];
  const tasks: (Task | undefined)[] = [];
  let end = index;
  while (end < lines.length) {
    const item = ITEM.exec(lines[end] ?? "");
    if (item === null || getListKind(item[2] ?? "") !== kind) break;
    const [marker] = item;
    const text = (lines[end] ?? "").slice(marker.length);
    const box = TASK.exec(text);
    // Markers are taken from the beginning of a line only, so its rest ends where the line ends in the message.
    tasks.push(box === null ? undefined : { isDone: box[1] !== " ", position: (ends[end] ?? 0) - text.length + 1 });
    const content = [text.slice(box?.[0].length ?? 0)];
    const start = end;
    end += 1;
    const itemEnd = findItemEnd(lines, end, marker);
    for (; end < itemEnd; end += 1) content.push(outdent(lines[end] ?? "", marker.length));
    items.push(parseLines({ lines: content, depth: depth + 1, ends: ends.slice(start, end) }));
  }
  const list = { kind: "list", start: /^\d/.test(first) ? Number.parseInt(first, 10) : null, items } as const;
  return { block: tasks.some((task) => task !== undefined) ? { ...list, tasks } : list, end };
}

/**
 * Returns the index after the lines of an item. Indented lines below it belong to it; after blank lines, those that are indented
 * as far as its text.
 */
function findItemEnd(lines: readonly string[], from: number, marker: string): number {
  const sign = marker.trimEnd().length;
  // Text more than four spaces behind the sign is indented itself.
  const width = marker.length - sign > 4 ? sign + 1 : marker.length;
  let end = from;
  for (let next = from; next < lines.length; next += 1) {
    const line = lines[next] ?? "";
    if (line.trim() === "") continue;
    const isIndented =
      next === end ? /^(?: {2}|\t)/.test(line) : line[0] === "\t" || line.startsWith(" ".repeat(width));
    if (!isIndented) break;
    end = next + 1;
  }
  return end;
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
