import { matchUrl, toSafeHref } from "./web-address.ts";

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong" | "emphasis" | "struck"; readonly inside: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly inside: readonly Inline[] }
  /** `@name`, without the @. The parser does not know whether such a user exists. */
  | { readonly kind: "mention"; readonly name: string };

/**
 * The most delimiters that may be open at once; the oldest one then becomes text. It bounds the nesting, and the cost of a
 * text that consists of delimiters only.
 */
const MAX_OPEN_DELIMITERS = 20;

/** A delimiter that may open something: the index of its text among the parts, and how many of its characters are unused. */
interface OpenDelimiter {
  readonly sign: string;
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
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#backtickRuns = indexBacktickRuns(text);
    this.#lastLinkTarget = text.lastIndexOf("](");
  }

  parse(): Inline[] {
    const text = this.#text;
    while (this.#at < text.length) {
      SPECIAL.lastIndex = this.#at;
      const next = SPECIAL.exec(text)?.index ?? text.length;
      if (next > this.#at) this.#push({ kind: "text", text: text.slice(this.#at, next) });
      this.#at = next;
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
        return this.#delimiter(sign);
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
    this.#push({ kind: "text", text: this.#text.slice(this.#at, this.#at + length) });
    this.#at += length;
  }

  #parseEscape(): number {
    const next = this.#text[this.#at + 1] ?? "";
    const first = () => /(?:^|\n) {0,3}\d{0,9}$/.test(this.#text.slice(Math.max(0, this.#at - 13), this.#at));
    if (!ESCAPABLE.test(next) && !(ESCAPABLE_FIRST.test(next) && first())) return 1;
    this.#push({ kind: "text", text: next });
    this.#at += 2;
    return 0;
  }

  /** Parses code from a run of backticks to the next run of the same length. */
  #parseCode(): number {
    const length = measureRun(this.#text, this.#at);
    const runs = this.#backtickRuns.get(length) ?? [];
    // The text is parsed in order, so runs before the current position are not needed again.
    while (runs[0] !== undefined && runs[0] <= this.#at) runs.shift();
    const end = runs[0];
    if (end === undefined) return length;
    const inside = this.#text.slice(this.#at + length, end).replaceAll("\n", " ");
    const padded = inside.startsWith(" ") && inside.endsWith(" ") && inside.trim() !== "";
    this.#push({ kind: "code", text: padded ? inside.slice(1, -1) : inside });
    this.#at = end + length;
    return 0;
  }

  #delimiter(sign: string): number {
    const length = measureRun(this.#text, this.#at);
    const before = charBefore(this.#text, this.#at);
    const after = charAt(this.#text, this.#at + length);
    const left = after !== "" && !SPACE.test(after) && (!PUNCTUATION.test(after) || isWordBoundary(before));
    const right = before !== "" && !SPACE.test(before) && (!PUNCTUATION.test(before) || isWordBoundary(after));
    // Underscores inside a word belong to the word.
    const opens = left && (sign !== "_" || !right || PUNCTUATION.test(before));
    const closes = right && (sign !== "_" || !left || PUNCTUATION.test(after));
    // Two tildes strike through; a single one means "about".
    if (sign === "~" && length !== 2) return length;
    const unused = closes ? this.#close(sign, length) : length;
    this.#at += length - unused;
    if (unused > 0 && opens) this.#pushOpen({ sign, partIndex: this.#parts.length, count: unused });
    return unused;
  }

  #pushOpen(open: OpenDelimiter): void {
    this.#open.push(open);
    if (this.#open.length > MAX_OPEN_DELIMITERS) this.#open.shift();
  }

  /** Closes open delimiters of this kind. @returns how many characters of the run were not used */
  #close(sign: string, count: number): number {
    let unused = count;
    while (unused > 0) {
      const index = this.#findOpen(sign, unused);
      const open = this.#open[index];
      if (open === undefined) break;
      const used = open.count >= 2 && unused >= 2 ? 2 : 1;
      // Delimiters opened in between and never closed become text.
      this.#open.length = index + 1;
      const inside = mergeTexts(this.#parts.splice(open.partIndex + 1));
      open.count -= used;
      if (open.count === 0) {
        this.#parts.pop();
        this.#open.pop();
      } else this.#parts[open.partIndex] = { kind: "text", text: sign.repeat(open.count) };
      this.#push({ kind: sign === "~" ? "struck" : used === 2 ? "strong" : "emphasis", inside });
      unused -= used;
    }
    return unused;
  }

  /** Finds the latest delimiter that this run can close. A pair is not split for a single one, and markup stays inside its brackets. */
  #findOpen(sign: string, count: number): number {
    for (let index = this.#open.length - 1; index >= 0; index -= 1) {
      const open = this.#open[index];
      if (open === undefined || open.sign === "[") return -1;
      const splits = (open.count === 2 && count === 1) || (open.count === 1 && count === 2);
      if (open.sign === sign && !splits) return index;
    }
    return -1;
  }

  #openBracket(): number {
    if (this.#at < this.#lastLinkTarget) this.#pushOpen({ sign: "[", partIndex: this.#parts.length, count: 1 });
    return 1;
  }

  #closeBracket(): number {
    const index = this.#open.findLastIndex(({ sign }) => sign === "[");
    const open = this.#open[index];
    if (open === undefined) return 1;
    const target = this.#text[this.#at + 1] === "(" ? parseLinkTarget(this.#text, this.#at + 2) : undefined;
    if (target === undefined) {
      this.#open.splice(index, 1);
      return 1;
    }
    const inside = mergeTexts(removeLinks(this.#parts.splice(open.partIndex + 1)));
    if (inside.length === 0) inside.push({ kind: "text", text: target.href });
    this.#parts.pop();
    this.#open.length = index;
    this.#push({ kind: "link", href: target.href, inside });
    this.#at = target.end;
    return 0;
  }

  #parseMention(): number {
    MENTION.lastIndex = this.#at;
    const name = NAME_CHAR.test(charBefore(this.#text, this.#at)) ? undefined : MENTION.exec(this.#text)?.[1];
    if (name === undefined) return 1;
    // Punctuation of the sentence may follow the name.
    const bare = name.replace(/[._-]+$/, "");
    this.#push({ kind: "mention", name: bare });
    this.#at += 1 + bare.length;
    return 0;
  }

  #parseUrl(): number {
    const found = matchUrl(this.#text, this.#at);
    if (found === undefined) return 1;
    this.#push({ kind: "link", href: found.href, inside: [{ kind: "text", text: found.text }] });
    this.#at += found.text.length;
    return 0;
  }
}

const MAX_HREF_CHARS = 2048;

/** Parses the address in the parentheses after a link's text. */
function parseLinkTarget(text: string, from: number): { readonly href: string; readonly end: number } | undefined {
  let depth = 0;
  for (let at = from; at < text.length && at - from <= MAX_HREF_CHARS; at += 1) {
    const char = text[at] ?? "";
    if (char <= " ") return undefined;
    if (char === "(") depth += 1;
    if (char !== ")") continue;
    if (depth === 0) {
      const href = toSafeHref(text.slice(from, at), ["https:", "http:", "mailto:"]);
      return href === undefined ? undefined : { href, end: at + 1 };
    }
    depth -= 1;
  }
  return undefined;
}

/** Removes nested links: an address inside a link's text is text. */
function removeLinks(parts: readonly Inline[]): Inline[] {
  return parts.flatMap((part): readonly Inline[] => {
    if (part.kind === "link") return removeLinks(part.inside);
    if ("inside" in part) return [{ ...part, inside: removeLinks(part.inside) }];
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
    const same = runs.get(run.length);
    if (same === undefined) runs.set(run.length, [index]);
    else same.push(index);
  }
  return runs;
}

/** Returns how often the character at this position is repeated. */
function measureRun(text: string, at: number): number {
  let end = at + 1;
  while (text[end] === text[at]) end += 1;
  return end - at;
}

function charAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

function charBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  const pair = at > 1 && low >= 0xdc00 && low <= 0xdfff;
  return at === 0 ? "" : charAt(text, at - (pair ? 2 : 1));
}

/** Whether a character ends a word: the end of the text, a space, or punctuation. */
function isWordBoundary(char: string): boolean {
  return char === "" || SPACE.test(char) || PUNCTUATION.test(char);
}
