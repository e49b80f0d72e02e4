import { isBlank } from "../names/blank-text.ts";
import {
  charAt,
  charBefore,
  isPunctuation,
  isSpace,
  isUnspaced,
  isUnspacedOrWide,
  shownCharBefore,
} from "./characters.ts";
import { Escapes } from "./escapes.ts";
import { isInsideWord, isNamePunctuation, matchNameRun } from "./mention-names.ts";
import { type BracketPairs, matchUrl, pairBrackets, toSafeHref } from "./web-address.ts";

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong" | "emphasis" | "strikethrough"; readonly children: readonly Inline[] }
  /** Hidden until the reader asks for it. Its text belongs in no preview: `toPlainText` leaves it out. */
  | { readonly kind: "spoiler"; readonly children: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly Inline[] }
  /**
   * An at sign and all the characters after it that could belong to a name. The parser does not know which users exist:
   * `splitMention` finds the name, if there is one.
   */
  | { readonly kind: "mention"; readonly text: string };

/**
 * The most delimiters that may be open at once; the oldest one then becomes text. It bounds the nesting, and the cost of a
 * text that consists of delimiters only.
 */
const MAX_OPEN_DELIMITERS = 20;

/**
 * The longest run of one delimiter that is markup; a longer one is text, such as a line of asterisks. Each pair of a run is
 * a level of the tree, and whatever walks the tree has a stack.
 */
const MAX_RUN_LENGTH = 6;

/** A delimiter that may open something: the index of its text among the parts, and how many of its characters are unused. */
interface OpenDelimiter {
  readonly delimiter: string;
  readonly partIndex: number;
  count: number;
}

/** Characters that can begin markup; everything between them is text. */
const SPECIAL = /[\\`*_~[\]@\uff20\ufe6b]|\|\||https?:\/\//gi;

/**
 * What may stand before the pipes that open a spoiler, and after those that close it. Between operands they are an operator:
 * `a || b`, `a||b||c`, `"x"||"y"`.
 */
const BEFORE_SPOILER = /[\p{Ps}\p{Pi}*_~:,;.!?…–—-]/u;
const AFTER_SPOILER = /[\p{Pe}\p{Pf}*_~:,;.!?…–—-]/u;

export function parseInline(text: string): Inline[] {
  return new InlineParser(text).parse();
}

/** Returns the text of a part without its markup, that of spoilers included. */
export function inlineToPlainText(part: Inline): string {
  switch (part.kind) {
    case "text":
    case "code":
    case "mention":
      return part.text;
    default:
      return part.children.map(inlineToPlainText).join("");
  }
}

class InlineParser {
  readonly #text: string;
  readonly #parts: Inline[] = [];
  readonly #open: OpenDelimiter[] = [];
  readonly #lastLinkTarget: number;
  // Made where they are needed: most lines are plain text.
  #backtickRuns: ReadonlyMap<number, Positions> | undefined;
  #escapes: Escapes | undefined;
  #bracketPairs: BracketPairs | undefined;
  #position = 0;
  /** Where the last mention candidate ended, with the punctuation after it. */
  #mentionEnd = -1;

  constructor(text: string) {
    this.#text = text;
    this.#lastLinkTarget = text.lastIndexOf("](");
  }

  parse(): Inline[] {
    const text = this.#text;
    while (this.#position < text.length) {
      SPECIAL.lastIndex = this.#position;
      const next = SPECIAL.exec(text)?.index ?? text.length;
      if (next > this.#position) this.#push({ kind: "text", text: text.slice(this.#position, next) });
      this.#position = next;
      if (next < text.length) this.#pushLiteral(this.#parseSpecial(text[next] ?? ""));
    }
    return mergeTexts(this.#parts);
  }

  /** Parses markup at the current position. @returns how many characters from here on are text */
  #parseSpecial(sign: string): number {
    switch (sign) {
      case "\\":
        return this.#parseEscape();
      case "`":
        return this.#parseCode();
      case "*":
      case "_":
      case "~":
        return this.#parseDelimiterRun(sign);
      case "|":
        return this.#parseSpoilerPipes();
      case "[":
        return this.#openBracket();
      case "]":
        return this.#closeBracket();
      case "h":
      case "H":
        return this.#parseUrl();
      default:
        return this.#parseMention();
    }
  }

  #push(part: Inline): void {
    this.#parts.push(part);
  }

  #pushLiteral(length: number): void {
    if (length === 0) return;
    this.#push({ kind: "text", text: this.#text.slice(this.#position, this.#position + length) });
    this.#position += length;
  }

  #parseEscape(): number {
    if (this.#text[this.#position - 1] !== "\\") {
      const pairs = this.#countEscapedBackslashes();
      if (pairs > 0) {
        this.#push({ kind: "text", text: "\\".repeat(pairs) });
        this.#position += 2 * pairs;
        return this.#text[this.#position] === "\\" ? this.#skipEscape() : 0;
      }
    }
    const found = this.#matchEscape(this.#position);
    if (found === "none") return 1;
    if (found === "shown") return 2;
    this.#position += 1;
    return 1;
  }

  /** Makes text of the sign after a backslash, which is not shown. */
  #skipEscape(): number {
    this.#position += 1;
    return 1;
  }

  /** Returns how many backslashes are escaped themselves in a run before a mention, where people escape: not in a path. */
  #countEscapedBackslashes(): number {
    const before = charBefore(this.#text, this.#position);
    if (before !== "" && !isSpace(before) && !isUnspaced(before) && !isPunctuation(before)) return 0;
    const length = measureRun(this.#text, this.#position);
    const at = this.#position + length;
    if (length < 2 || !/[@\uff20\ufe6b]/.test(this.#text[at] ?? "")) return 0;
    return this.#matchMention(at) === undefined ? 0 : length >> 1;
  }

  #matchEscape(position: number): "none" | "shown" | "hidden" {
    this.#escapes ??= new Escapes(this.#text, {
      isLinkAhead: (at) => at < this.#lastLinkTarget,
      isMention: (at) => this.#matchMention(at) !== undefined,
    });
    return this.#escapes.match(position);
  }

  /** Parses code from a run of backticks to the next run of the same length. */
  #parseCode(): number {
    const length = measureRun(this.#text, this.#position);
    this.#backtickRuns ??= indexBacktickRuns(this.#text);
    const end = this.#backtickRuns.get(length)?.after(this.#position);
    if (end === undefined) return length;
    const children = this.#text.slice(this.#position + length, end).replaceAll("\n", " ");
    // Without a text that shows there would be nothing to see.
    if (children.trim() === "") return end + length - this.#position;
    const padded = children.startsWith(" ") && children.endsWith(" ");
    this.#push({ kind: "code", text: padded ? children.slice(1, -1) : children });
    this.#position = end + length;
    return 0;
  }

  #parseDelimiterRun(delimiter: string): number {
    const length = measureRun(this.#text, this.#position);
    if (length > MAX_RUN_LENGTH) return length;
    const before = shownCharBefore(this.#text, this.#position);
    const after = charAt(this.#text, this.#position + length);
    const leftFlanking = isFlanking(after, before);
    const rightFlanking = isFlanking(before, after);
    // Underscores inside a word belong to the word.
    const isArm = before === ")" && after === "/";
    const opens = leftFlanking && (delimiter !== "_" || !rightFlanking || (isPunctuation(before) && !isArm));
    const closes = rightFlanking && (delimiter !== "_" || !leftFlanking || isPunctuation(after));
    // Two tildes strike through; a single one means "about". In a face or a path an underscore is text.
    if (delimiter === "~" && length !== 2) return length;
    if (delimiter === "_" && (isMouth(before, after) || this.#escapes?.isInPlainWord(this.#position))) return length;
    if (this.#escapes?.isInFace(this.#position)) return length;
    const unused = closes ? this.#close(delimiter, length) : length;
    this.#position += length - unused;
    if (unused > 0 && opens) this.#pushOpen({ delimiter, partIndex: this.#parts.length, count: unused });
    return unused;
  }

  /** Two pipes open or close a spoiler; more of them are text. */
  #parseSpoilerPipes(): number {
    const length = measureRun(this.#text, this.#position);
    if (length !== 2) return length;
    const before = charBefore(this.#text, this.#position);
    const after = charAt(this.#text, this.#position + length);
    const closes = !isSpaceOrEnd(before) && (isSpaceOrEnd(after) || AFTER_SPOILER.test(after) || isUnspaced(after));
    if (closes && this.#hasVisibleSpoiler() && this.#close("|", length) === 0) {
      this.#position += length;
      return 0;
    }
    const opens = !isSpaceOrEnd(after) && (isSpaceOrEnd(before) || BEFORE_SPOILER.test(before) || isUnspaced(before));
    if (opens) this.#pushOpen({ delimiter: "|", partIndex: this.#parts.length, count: length });
    return length;
  }

  /** Whether the spoiler that could be closed here hides something. The pipes of an empty one are text, so that it is looked at once. */
  #hasVisibleSpoiler(): boolean {
    const index = this.#findOpen("|", 2);
    const open = this.#open[index];
    if (open === undefined) return false;
    const isEmpty = isBlank(
      this.#parts
        .slice(open.partIndex + 1)
        .map(inlineToPlainText)
        .join(""),
    );
    if (isEmpty) this.#open.splice(index, 1);
    return !isEmpty;
  }

  #pushOpen(open: OpenDelimiter): void {
    this.#open.push(open);
    if (this.#open.length > MAX_OPEN_DELIMITERS) this.#open.shift();
  }

  /** Closes open delimiters of this kind. @returns how many characters of the run were not used */
  #close(delimiter: string, count: number): number {
    let unused = count;
    while (unused > 0) {
      const index = this.#findOpen(delimiter, unused);
      const open = this.#open[index];
      if (open === undefined) break;
      const used = open.count >= 2 && unused >= 2 ? 2 : 1;
      // Delimiters opened in between and never closed become text.
      this.#open.length = index + 1;
      const children = mergeTexts(this.#parts.splice(open.partIndex + 1));
      open.count -= used;
      if (open.count === 0) {
        this.#parts.pop();
        this.#open.pop();
      } else this.#parts[open.partIndex] = { kind: "text", text: delimiter.repeat(open.count) };
      this.#push({ kind: getKind(delimiter, used), children });
      unused -= used;
    }
    return unused;
  }

  /** Finds the latest delimiter that this run can close. A pair is not split for a single one, and markup stays inside its brackets. */
  #findOpen(delimiter: string, count: number): number {
    for (let index = this.#open.length - 1; index >= 0; index -= 1) {
      const open = this.#open[index];
      if (open === undefined || open.delimiter === "[") return -1;
      const splits = (open.count === 2 && count === 1) || (open.count === 1 && count === 2);
      if (open.delimiter === delimiter && !splits) return index;
    }
    return -1;
  }

  #openBracket(): number {
    if (this.#position < this.#lastLinkTarget)
      this.#pushOpen({ delimiter: "[", partIndex: this.#parts.length, count: 1 });
    return 1;
  }

  #closeBracket(): number {
    const index = this.#open.findLastIndex(({ delimiter }) => delimiter === "[");
    const open = this.#open[index];
    if (open === undefined) return 1;
    const target = this.#parseLinkTarget(this.#position + 1);
    if (target === undefined) {
      this.#open.splice(index, 1);
      return 1;
    }
    const children = mergeTexts(removeLinks(this.#parts.splice(open.partIndex + 1)));
    // Without a text that shows there would be nothing to click on, or a link that nobody sees.
    const shown = isBlank(children.map(inlineToPlainText).join(""))
      ? [{ kind: "text", text: target.href } as const]
      : children;
    this.#parts.pop();
    this.#open.length = index;
    this.#push({ kind: "link", href: target.href, children: shown });
    this.#position = target.end;
    return 0;
  }

  /** Parses the address in the parentheses after a link's text. */
  #parseLinkTarget(position: number): { readonly href: string; readonly end: number } | undefined {
    let end = this.#text[position] === "(" ? (this.#getBracketPairs()[position] ?? 0) : 0;
    // An escaped parenthesis belongs to the address.
    if (end > 0 && this.#text[end + 1] === ")" && this.#isEscaped(end)) end += 1;
    if (end === 0 || end - position > MAX_HREF_CHARS) return undefined;
    const address = this.#text.slice(position + 1, end).replace(ESCAPED_PUNCTUATION, "$1");
    const href = toSafeHref(address, ["https:", "http:", "mailto:"]);
    return href === undefined ? undefined : { href, end: end + 1 };
  }

  #isEscaped(position: number): boolean {
    let start = position;
    while (this.#text[start - 1] === "\\") start -= 1;
    return (position - start) % 2 === 1;
  }

  #getBracketPairs(): BracketPairs {
    this.#bracketPairs ??= pairBrackets(this.#text);
    return this.#bracketPairs;
  }

  #parseMention(): number {
    const run = this.#matchMention(this.#position);
    if (run === undefined) return 1;
    const end = this.#position + 1 + run.length;
    for (let index = run.indexOf("\\"); index !== -1; index = run.indexOf("\\", index + 1)) {
      // With a backslash that is shown it is no name, nor is what stands before it.
      if (this.#matchEscape(this.#position + 1 + index) !== "hidden") return 1 + index;
    }
    // `@jean\_luc` is shown as `@jean_luc`, so it is that name.
    this.#push({ kind: "mention", text: this.#text.slice(this.#position, end).replaceAll("\\", "") });
    this.#position = end;
    this.#mentionEnd = end;
    while (isNamePunctuation(this.#text[this.#mentionEnd] ?? "")) this.#mentionEnd += 1;
    return 0;
  }

  /** Returns what could be a name after the at sign at this position. */
  #matchMention(position: number): string | undefined {
    // The word before it may be another mention: `@alice-@bob`.
    const isAfterMention = position === this.#mentionEnd && isNamePunctuation(this.#text[position - 1] ?? "");
    if (!isAfterMention && isInsideWord(this.#text, position)) return undefined;
    return matchNameRun(this.#text, position + 1);
  }

  #parseUrl(): number {
    const found = matchUrl(this.#text, this.#position, {
      openDelimiters: new Map(this.#open.map(({ delimiter, count }) => [delimiter, count])),
      bracketPairs: () => this.#getBracketPairs(),
    });
    if (found === undefined) return 1;
    const { text, href } = found;
    if (href === undefined) return text.length;
    this.#push({ kind: "link", href, children: [{ kind: "text", text }] });
    this.#position += text.length;
    return 0;
  }
}

/** CommonMark, section 2.4. */
const ESCAPED_PUNCTUATION = /\\([!-/:-@[-`{-~])/g;
const MAX_HREF_CHARS = 2048;

const isSpaceOrEnd = (char: string): boolean => char === "" || isSpace(char);

function getKind(delimiter: string, used: number): "spoiler" | "strikethrough" | "strong" | "emphasis" {
  if (delimiter === "|") return "spoiler";
  if (delimiter === "~") return "strikethrough";
  return used === 2 ? "strong" : "emphasis";
}

/**
 * Whether a delimiter run is beside text on its inner side, as CommonMark defines it, with one difference: beside a script that
 * puts no spaces between words, punctuation inside the markup need not be followed by a space (`**太字。**次`).
 */
function isFlanking(inner: string, outer: string): boolean {
  if (inner === "" || isSpace(inner)) return false;
  if (!isPunctuation(inner) || isUnspaced(inner)) return true;
  return outer === "" || isSpace(outer) || isPunctuation(outer) || isUnspacedOrWide(outer);
}

/** Whether an underscore is the mouth of a face, between its eyes: `^_^`, `>_<`. */
function isMouth(left: string, right: string): boolean {
  return (left === right && /^[\^<>=;°•-]$/u.test(left)) || (left === ">" && right === "<");
}

/** Removes nested links: an address inside a link's text is text. */
function removeLinks(parts: readonly Inline[]): Inline[] {
  return parts.flatMap((part): readonly Inline[] => {
    if (part.kind === "link") return removeLinks(part.children);
    if ("children" in part) return [{ ...part, children: removeLinks(part.children) }];
    return [part.kind === "mention" ? { kind: "text", text: part.text } : part];
  });
}

/** Joins adjacent texts. Punctuation that turned out to be no markup may belong to the name before it: `@alice_`. */
function mergeTexts(parts: readonly Inline[]): Inline[] {
  const merged: Inline[] = [];
  let text = "";
  function flush(): void {
    const previous = merged.at(-1);
    if (previous?.kind === "mention" && isNamePunctuation(text[0] ?? "")) {
      let length = 1;
      while (isNamePunctuation(text[length] ?? "")) length += 1;
      const punctuation = text.slice(0, length);
      merged[merged.length - 1] = { kind: "mention", text: previous.text + punctuation };
      text = text.slice(punctuation.length);
    }
    if (text !== "") merged.push({ kind: "text", text });
    text = "";
  }
  for (const part of parts) {
    if (part.kind === "text") text += part.text;
    else {
      flush();
      merged.push(part);
    }
  }
  flush();
  return merged;
}

/** Indexes the start positions of backtick runs by their length. */
function indexBacktickRuns(text: string): Map<number, Positions> {
  const runs = new Map<number, Positions>();
  for (const { 0: run, index } of text.matchAll(/`+/g)) {
    const positions = runs.get(run.length) ?? new Positions();
    runs.set(run.length, positions);
    positions.add(index);
  }
  return runs;
}

/** Ascending positions. The next one is requested after positions that only grow, so that each is examined once. */
class Positions {
  readonly #all: number[] = [];
  #next = 0;

  add(position: number): void {
    this.#all.push(position);
  }

  /** Returns the first position after this one. */
  after(position: number): number | undefined {
    for (let found = this.#all[this.#next]; found !== undefined; found = this.#all[this.#next]) {
      if (found > position) return found;
      this.#next += 1;
    }
    return undefined;
  }
}

/** Returns how often the character at this position is repeated. */
function measureRun(text: string, position: number): number {
  let end = position + 1;
  while (text[end] === text[position]) end += 1;
  return end - position;
}
