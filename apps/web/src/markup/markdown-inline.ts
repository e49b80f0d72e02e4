import { addressAt, hrefOf } from "./web-address.ts";

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
const MAX_OPEN = 20;

/** A mark that may begin something: where its text stands (or comes to stand) among the parts, and how much of it is unused. */
interface Open {
  readonly sign: string;
  readonly at: number;
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
  return new InlineReader(text).read();
}

class InlineReader {
  readonly #text: string;
  readonly #parts: Inline[] = [];
  readonly #open: Open[] = [];
  readonly #ticks: ReadonlyMap<number, number[]>;
  readonly #lastLink: number;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#ticks = runsOfTicks(text);
    this.#lastLink = text.lastIndexOf("](");
  }

  read(): Inline[] {
    const text = this.#text;
    while (this.#at < text.length) {
      SPECIAL.lastIndex = this.#at;
      const next = SPECIAL.exec(text)?.index ?? text.length;
      if (next > this.#at) this.#push({ kind: "text", text: text.slice(this.#at, next) });
      this.#at = next;
      if (next < text.length) this.#literal(this.#special(text[next] ?? ""));
    }
    return joinTexts(this.#parts);
  }

  /** @returns how many characters from here on are only text */
  #special(sign: string): number {
    switch (sign) {
      case "\\":
        return this.#escape();
      case "`":
        return this.#code();
      case "*":
      case "_":
      case "~":
        return this.#mark(sign);
      case "[":
        return this.#bracket();
      case "]":
        return this.#closeBracket();
      case "@":
        return this.#mention();
      default:
        return this.#address();
    }
  }

  #push(part: Inline): void {
    this.#parts.push(part);
  }

  #literal(length: number): void {
    if (length === 0) return;
    this.#push({ kind: "text", text: this.#text.slice(this.#at, this.#at + length) });
    this.#at += length;
  }

  #escape(): number {
    const next = this.#text[this.#at + 1] ?? "";
    const first = () => /(?:^|\n) {0,3}\d{0,9}$/.test(this.#text.slice(Math.max(0, this.#at - 13), this.#at));
    if (!ESCAPABLE.test(next) && !(ESCAPABLE_FIRST.test(next) && first())) return 1;
    this.#push({ kind: "text", text: next });
    this.#at += 2;
    return 0;
  }

  /** From a run of ticks to the next run of as many. */
  #code(): number {
    const length = runAt(this.#text, this.#at);
    const runs = this.#ticks.get(length) ?? [];
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

  #mark(sign: string): number {
    const length = runAt(this.#text, this.#at);
    const before = charBefore(this.#text, this.#at);
    const after = charAt(this.#text, this.#at + length);
    const left = after !== "" && !SPACE.test(after) && (!PUNCTUATION.test(after) || isEdge(before));
    const right = before !== "" && !SPACE.test(before) && (!PUNCTUATION.test(before) || isEdge(after));
    // Underscores within a word are part of the word.
    const opens = left && (sign !== "_" || !right || PUNCTUATION.test(before));
    const closes = right && (sign !== "_" || !left || PUNCTUATION.test(after));
    // Only two of these strike out; a single one is "about".
    if (sign === "~" && length !== 2) return length;
    const unused = closes ? this.#close(sign, length) : length;
    this.#at += length - unused;
    if (unused > 0 && opens) this.#opened({ sign, at: this.#parts.length, count: unused });
    return unused;
  }

  #opened(open: Open): void {
    this.#open.push(open);
    if (this.#open.length > MAX_OPEN) this.#open.shift();
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
      const inside = joinTexts(this.#parts.splice(open.at + 1));
      open.count -= used;
      if (open.count === 0) {
        this.#parts.pop();
        this.#open.pop();
      } else this.#parts[open.at] = { kind: "text", text: sign.repeat(open.count) };
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

  #bracket(): number {
    if (this.#at < this.#lastLink) this.#opened({ sign: "[", at: this.#parts.length, count: 1 });
    return 1;
  }

  #closeBracket(): number {
    const index = this.#open.findLastIndex(({ sign }) => sign === "[");
    const open = this.#open[index];
    if (open === undefined) return 1;
    const target = this.#text[this.#at + 1] === "(" ? linkTarget(this.#text, this.#at + 2) : undefined;
    if (target === undefined) {
      this.#open.splice(index, 1);
      return 1;
    }
    const inside = joinTexts(withoutLinks(this.#parts.splice(open.at + 1)));
    if (inside.length === 0) inside.push({ kind: "text", text: target.href });
    this.#parts.pop();
    this.#open.length = index;
    this.#push({ kind: "link", href: target.href, inside });
    this.#at = target.end;
    return 0;
  }

  #mention(): number {
    MENTION.lastIndex = this.#at;
    const name = NAME_CHAR.test(charBefore(this.#text, this.#at)) ? undefined : MENTION.exec(this.#text)?.[1];
    if (name === undefined) return 1;
    // A sentence may end behind it.
    const bare = name.replace(/[._-]+$/, "");
    this.#push({ kind: "mention", name: bare });
    this.#at += 1 + bare.length;
    return 0;
  }

  #address(): number {
    const found = addressAt(this.#text, this.#at);
    if (found === undefined) return 1;
    this.#push({ kind: "link", href: found.href, inside: [{ kind: "text", text: found.text }] });
    this.#at += found.text.length;
    return 0;
  }
}

/** Characters of an address in brackets, at most. */
const MAX_HREF = 2048;

/** What stands in round brackets after a link's text: an address, and nothing else. */
function linkTarget(text: string, from: number): { readonly href: string; readonly end: number } | undefined {
  let depth = 0;
  for (let at = from; at < text.length && at - from <= MAX_HREF; at += 1) {
    const char = text[at] ?? "";
    if (char <= " ") return undefined;
    if (char === "(") depth += 1;
    if (char !== ")") continue;
    if (depth === 0) {
      const href = hrefOf(text.slice(from, at), ["https:", "http:", "mailto:"]);
      return href === undefined ? undefined : { href, end: at + 1 };
    }
    depth -= 1;
  }
  return undefined;
}

/** A link is in no other: an address in a link's text is its text. */
function withoutLinks(parts: readonly Inline[]): Inline[] {
  return parts.flatMap((part): readonly Inline[] => {
    if (part.kind === "link") return withoutLinks(part.inside);
    if ("inside" in part) return [{ ...part, inside: withoutLinks(part.inside) }];
    return [part.kind === "mention" ? { kind: "text", text: `@${part.name}` } : part];
  });
}

function joinTexts(parts: readonly Inline[]): Inline[] {
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
function runsOfTicks(text: string): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (const { 0: run, index } of text.matchAll(/`+/g)) {
    const same = runs.get(run.length);
    if (same === undefined) runs.set(run.length, [index]);
    else same.push(index);
  }
  return runs;
}

/** How often the character at this place stands there in a row. */
function runAt(text: string, at: number): number {
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
function isEdge(char: string): boolean {
  return char === "" || SPACE.test(char) || PUNCTUATION.test(char);
}
