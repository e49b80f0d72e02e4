import { matchUrl, toSafeHref } from "./web-address.ts";

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong" | "emphasis" | "strikethrough"; readonly children: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly Inline[] }
  /** `@name`, without the @. The parser does not know whether such a user exists. */
  | { readonly kind: "mention"; readonly name: string };

/**
 * The most delimiters that may be open at once; the oldest one then becomes text. It bounds the nesting, and the cost of a
 * text that consists of delimiters only.
 */
const MAX_OPEN_DELIMITERS = 20;

/** A delimiter that may open something: the index of its text among the parts, and how many of its characters are unused. */
interface OpenDelimiter {
  readonly delimiter: string;
  readonly partIndex: number;
  count: number;
}

const ESCAPABLE = /[`*_~[\]@]/;
/** Escapable only at the beginning of a line: elsewhere a backslash before these is too common. */
const ESCAPABLE_FIRST = /[-+>.)]/;
/** The same pattern as the server's. */
const MENTION = /@([\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63})/uy;
const NAME_CHAR = /[\p{L}\p{N}._-]/u;
const SPACE = /\s/u;
const PUNCTUATION = /[\p{P}\p{S}]/u;
/** Characters that can begin markup; everything between them is text. */
const SPECIAL = /[\\`*_~[\]@]|https?:\/\//gi;

export function parseInline(text: string): Inline[] {
  return new InlineParser(text).parse();
}

class InlineParser {
  readonly #text: string;
  readonly #parts: Inline[] = [];
  readonly #open: OpenDelimiter[] = [];
  readonly #backtickRuns: ReadonlyMap<number, number[]>;
  readonly #lastLinkTarget: number;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
    this.#backtickRuns = indexBacktickRuns(text);
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
      case "[":
        return this.#openBracket();
      case "]":
        return this.#closeBracket();
      case "@":
        return this.#parseMention();
      default:
        return this.#parseUrl();
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
    const next = this.#text[this.#position + 1] ?? "";
    const isAtLineStart = () =>
      /(?:^|\n) {0,3}\d{0,9}$/.test(this.#text.slice(Math.max(0, this.#position - 13), this.#position));
    if (!ESCAPABLE.test(next) && !(ESCAPABLE_FIRST.test(next) && isAtLineStart())) return 1;
    this.#push({ kind: "text", text: next });
    this.#position += 2;
    return 0;
  }

  /** Parses code from a run of backticks to the next run of the same length. */
  #parseCode(): number {
    const length = measureRun(this.#text, this.#position);
    const runs = this.#backtickRuns.get(length) ?? [];
    // The text is parsed in order, so runs before the current position are not needed again.
    while (runs[0] !== undefined && runs[0] <= this.#position) runs.shift();
    const end = runs[0];
    if (end === undefined) return length;
    const children = this.#text.slice(this.#position + length, end).replaceAll("\n", " ");
    const padded = children.startsWith(" ") && children.endsWith(" ") && children.trim() !== "";
    this.#push({ kind: "code", text: padded ? children.slice(1, -1) : children });
    this.#position = end + length;
    return 0;
  }

  #parseDelimiterRun(delimiter: string): number {
    const length = measureRun(this.#text, this.#position);
    const before = charBefore(this.#text, this.#position);
    const after = charAt(this.#text, this.#position + length);
    const leftFlanking = after !== "" && !SPACE.test(after) && (!PUNCTUATION.test(after) || isWordBoundary(before));
    const rightFlanking = before !== "" && !SPACE.test(before) && (!PUNCTUATION.test(before) || isWordBoundary(after));
    // Underscores inside a word belong to the word.
    const opens = leftFlanking && (delimiter !== "_" || !rightFlanking || PUNCTUATION.test(before));
    const closes = rightFlanking && (delimiter !== "_" || !leftFlanking || PUNCTUATION.test(after));
    // Two tildes strike through; a single one means "about".
    if (delimiter === "~" && length !== 2) return length;
    const unused = closes ? this.#close(delimiter, length) : length;
    this.#position += length - unused;
    if (unused > 0 && opens) this.#pushOpen({ delimiter, partIndex: this.#parts.length, count: unused });
    return unused;
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
      this.#push({ kind: delimiter === "~" ? "strikethrough" : used === 2 ? "strong" : "emphasis", children });
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
    const target = this.#text[this.#position + 1] === "(" ? parseLinkTarget(this.#text, this.#position + 2) : undefined;
    if (target === undefined) {
      this.#open.splice(index, 1);
      return 1;
    }
    const children = mergeTexts(removeLinks(this.#parts.splice(open.partIndex + 1)));
    if (children.length === 0) children.push({ kind: "text", text: target.href });
    this.#parts.pop();
    this.#open.length = index;
    this.#push({ kind: "link", href: target.href, children });
    this.#position = target.end;
    return 0;
  }

  #parseMention(): number {
    MENTION.lastIndex = this.#position;
    const name = NAME_CHAR.test(charBefore(this.#text, this.#position)) ? undefined : MENTION.exec(this.#text)?.[1];
    if (name === undefined) return 1;
    // Punctuation of the sentence may follow the name.
    const bare = name.replace(/[._-]+$/, "");
    this.#push({ kind: "mention", name: bare });
    this.#position += 1 + bare.length;
    return 0;
  }

  #parseUrl(): number {
    const found = matchUrl(this.#text, this.#position);
    if (found === undefined) return 1;
    this.#push({ kind: "link", href: found.href, children: [{ kind: "text", text: found.text }] });
    this.#position += found.text.length;
    return 0;
  }
}

const MAX_HREF_CHARS = 2048;

/** Parses the address in the parentheses after a link's text. */
function parseLinkTarget(text: string, from: number): { readonly href: string; readonly end: number } | undefined {
  let depth = 0;
  for (let position = from; position < text.length && position - from <= MAX_HREF_CHARS; position += 1) {
    const char = text[position] ?? "";
    if (char <= " ") return undefined;
    if (char === "(") depth += 1;
    if (char !== ")") continue;
    if (depth === 0) {
      const href = toSafeHref(text.slice(from, position), ["https:", "http:", "mailto:"]);
      return href === undefined ? undefined : { href, end: position + 1 };
    }
    depth -= 1;
  }
  return undefined;
}

/** Removes nested links: an address inside a link's text is text. */
function removeLinks(parts: readonly Inline[]): Inline[] {
  return parts.flatMap((part): readonly Inline[] => {
    if (part.kind === "link") return removeLinks(part.children);
    if ("children" in part) return [{ ...part, children: removeLinks(part.children) }];
    return [part.kind === "mention" ? { kind: "text", text: `@${part.name}` } : part];
  });
}

function mergeTexts(parts: readonly Inline[]): Inline[] {
  const joined: Inline[] = [];
  let texts: string[] = [];
  function flush(): void {
    if (texts.length > 0) joined.push({ kind: "text", text: texts.join("") });
    texts = [];
  }
  for (const part of parts) {
    if (part.kind === "text") texts.push(part.text);
    else {
      flush();
      joined.push(part);
    }
  }
  flush();
  return joined;
}

/** Indexes the start positions of backtick runs by their length. */
function indexBacktickRuns(text: string): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (const { 0: run, index } of text.matchAll(/`+/g)) {
    const positions = runs.get(run.length);
    if (positions === undefined) runs.set(run.length, [index]);
    else positions.push(index);
  }
  return runs;
}

/** Returns how often the character at this position is repeated. */
function measureRun(text: string, position: number): number {
  let end = position + 1;
  while (text[end] === text[position]) end += 1;
  return end - position;
}

function charAt(text: string, position: number): string {
  const code = text.codePointAt(position);
  return code === undefined ? "" : String.fromCodePoint(code);
}

function charBefore(text: string, position: number): string {
  const low = text.charCodeAt(position - 1);
  const pair = position > 1 && low >= 0xdc00 && low <= 0xdfff;
  return position === 0 ? "" : charAt(text, position - (pair ? 2 : 1));
}

/** Whether a character ends a word: the end of the text, a space, or punctuation. */
function isWordBoundary(char: string): boolean {
  return char === "" || SPACE.test(char) || PUNCTUATION.test(char);
}
