import { matchUrl, toSafeHref } from "./web-address.ts";

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong" | "emphasis" | "struck"; readonly inside: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly inside: readonly Inline[] }
  /** `@name`, without the @. Whether anybody is called so is not known here. */
  | { readonly kind: "mention"; readonly name: string };

/**
 * Marks that are open at once, at most; the oldest one is then text. It bounds how deep things lie in each other, and what a
 * text of nothing but marks can cost.
 */
const MAX_OPEN_DELIMITERS = 20;

/** A mark that may begin something: where its text stands (or comes to stand) among the parts, and how much of it is unused. */
interface OpenDelimiter {
  readonly sign: string;
  readonly partIndex: number;
  count: number;
}

const ESCAPABLE = /[`*_~[\]@]/;
/** What a backslash takes its meaning only at the beginning of a line: elsewhere it is too common with a backslash before it. */
const ESCAPABLE_FIRST = /[-+>.)]/;
/** The same names that the server looks up. */
const MENTION = /@([\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63})/uy;
const NAME_CHAR = /[\p{L}\p{N}._-]/u;
const SPACE = /\s/u;
const PUNCTUATION = /[\p{P}\p{S}]/u;
/** Where something can begin: all between is taken as it is. */
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

  /** @returns how many characters from here on are only text */
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

  /** From a run of ticks to the next run of as many. */
  #parseCode(): number {
    const length = measureRun(this.#text, this.#at);
    const runs = this.#backtickRuns.get(length) ?? [];
    // They are taken in order: those behind us are not needed again.
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
    // Underscores within a word are part of the word.
    const opens = left && (sign !== "_" || !right || PUNCTUATION.test(before));
    const closes = right && (sign !== "_" || !left || PUNCTUATION.test(after));
    // Only two of these strike out; a single one is "about".
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

  /** Ends what was begun with this sign. @returns how many of the signs were not used for that */
  #close(sign: string, count: number): number {
    let unused = count;
    while (unused > 0) {
      const index = this.#findOpen(sign, unused);
      const open = this.#open[index];
      if (open === undefined) break;
      const used = open.count >= 2 && unused >= 2 ? 2 : 1;
      // What was begun in between and not ended is text.
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

  /** The latest open one that this many can end: a pair is not split for a single one. What is in brackets stays in them. */
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
    // A sentence may end behind it.
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

/** Characters of an address in brackets, at most. */
const MAX_HREF_CHARS = 2048;

/** What stands in round brackets after a link's text: an address, and nothing else. */
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

/** A link is in no other: an address in a link's text is its text. */
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

/** Where runs of ticks begin, by their length. */
function indexBacktickRuns(text: string): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (const { 0: run, index } of text.matchAll(/`+/g)) {
    const same = runs.get(run.length);
    if (same === undefined) runs.set(run.length, [index]);
    else same.push(index);
  }
  return runs;
}

/** How often the character at this place stands there in a row. */
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

/** The edge of a word: the text's own edge, a space, a sign. */
function isWordBoundary(char: string): boolean {
  return char === "" || SPACE.test(char) || PUNCTUATION.test(char);
}
