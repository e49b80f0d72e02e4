import { charAt, charBefore, isLetterOrDigit, isSpace } from "./characters.ts";

const ESCAPABLE = /[`*_~|[\]@\uff20\ufe6b]/;
/** A block's marker at the beginning of a line, as it would stand without its backslash. */
const LINE_START = /(?:^|\n) {0,3}\d{0,9}$/;
const HEADING_MARKER = /^#{1,6}[ \t]+\S/;
const OPENING = /[\p{Ps}\p{Pi}"'*_~`]/u;
/** A backslash before anything that is no markup: the word is a path, a pattern, TeX or a face. */
const OTHER_BACKSLASH = /\\(?![`*_~|[\]@\uff20\ufe6b])/;
/** An underscore of a name, which needs no escape. Who escapes one underscore of a name escapes all of them. */
const NAME_UNDERSCORE = /(?<=[\p{L}\p{N}])_+(?=[\p{L}\p{N}])/u;
/** What follows the backslash of a face: `\(o)/`, `\m/(o)\m/`. */
const BEGINS_FACE = /[(\uff08m]/;
/** `\_o<` */
const DUCK = /^\\_\p{L}[<>]+$/u;
const DRIVE = /^[^\p{L}\p{N}]*[a-z]:\\/iu;

interface Context {
  /** Whether the end of a link's text follows. */
  readonly isLinkAhead: (position: number) => boolean;
  /** Whether the at sign at this position would begin a mention. */
  readonly isMention: (position: number) => boolean;
}

/**
 * Decides what a backslash means. Markup after it is always text; the question is whether the backslash is shown. In a chat
 * most backslashes are no escapes: `C:\_temp\*`, `\alpha\_1`, `¯\_(ツ)_/¯` must stay as they were typed. So it is hidden only
 * where the sign could be markup and people escape it: in a word without any other backslash, around a letter or digit, or at
 * the word's edge. Before any other character it stays.
 */
export class Escapes {
  readonly #text: string;
  readonly #context: Context;
  /** The delimiters whose opening one was escaped. */
  readonly #opened = new Set<string>();
  #wordEnd = 0;
  #isWordShown = false;
  /** The part of the word that is a face with two arms: `\(_o_)/`. */
  #face = { from: 0, to: 0 };
  #hasNameUnderscore = false;

  constructor(text: string, context: Context) {
    this.#text = text;
    this.#context = context;
  }

  /** `none`: the backslash escapes nothing; `shown`: it does, and is text itself; `hidden`: it is not shown. */
  match(position: number): "none" | "shown" | "hidden" {
    const sign = this.#text[position + 1] ?? "";
    if (this.#isBlockMarker(position, sign)) return "hidden";
    if (!ESCAPABLE.test(sign)) {
      if (BEGINS_FACE.test(sign)) this.#isInShownWord(position);
      return "none";
    }
    return !this.#isInShownWord(position) && this.#isEscape(position, sign) ? "hidden" : "shown";
  }

  /** Whether this position is in a word whose backslashes are shown, as far as it was looked at. */
  isInPlainWord(position: number): boolean {
    return position < this.#wordEnd && this.#isWordShown;
  }

  /** Whether this position is in a face, whose signs are its eyes and hands. */
  isInFace(position: number): boolean {
    return position >= this.#face.from && position < this.#face.to;
  }

  #isBlockMarker(position: number, sign: string): boolean {
    if (!/[-+>.)#]/.test(sign)) return false;
    const before = this.#text.slice(Math.max(0, position - 13), position);
    if (!LINE_START.test(before) || /\d$/.test(before) !== /[.)]/.test(sign)) return false;
    if (sign === "#") return HEADING_MARKER.test(this.#text.slice(position + 1, position + 9));
    if (sign === "-" && this.#isRule(position + 1)) return true;
    const after = this.#text[position + 2] ?? "";
    return after === "" || isSpace(after) || (sign === ">" && after === ">");
  }

  /** Whether a line of hyphens begins here. Alone in a text it would be no rule, and needs no escape. */
  #isRule(position: number): boolean {
    let end = position;
    while (this.#text[end] === "-") end += 1;
    const isWholeLine = /^[ \t]{0,20}(?:\n|$)/.test(this.#text.slice(end, end + 21));
    return end - position >= 3 && isWholeLine && end - position + 1 < this.#text.length;
  }

  /** Looks at each word once, so that a word of backslashes only takes linear time. */
  #isInShownWord(position: number): boolean {
    if (position < this.#wordEnd) return this.#isWordShown;
    let start = position;
    while (start > this.#wordEnd && !isSpace(this.#text[start - 1] ?? "")) start -= 1;
    this.#wordEnd = position;
    while (this.#wordEnd < this.#text.length && !isSpace(this.#text[this.#wordEnd] ?? "")) this.#wordEnd += 1;
    const word = this.#text.slice(start, this.#wordEnd);
    const arm = word.indexOf("\\_");
    // `\_o_/` has two arms.
    const isFigure = (arm !== -1 && word.lastIndexOf("_/") > arm + 1) || DUCK.test(word);
    const { from, to } = findFace(word);
    this.#face = { from: start + from, to: start + to };
    this.#hasNameUnderscore = NAME_UNDERSCORE.test(word);
    this.#isWordShown = isFigure || OTHER_BACKSLASH.test(word) || DRIVE.test(word);
    return this.#isWordShown;
  }

  #isEscape(position: number, sign: string): boolean {
    switch (sign) {
      case "`":
        return true;
      case "*":
      case "_":
      case "~":
        return this.#isEscapedDelimiter(position, sign);
      case "|":
        return this.#isEscapedSpoiler(position);
      case "[":
      case "]":
        return this.#context.isLinkAhead(position);
      default:
        return this.#context.isMention(position + 1);
    }
  }

  #isEscapedDelimiter(position: number, sign: string): boolean {
    const before = charBefore(this.#text, position);
    const after = charAt(this.#text, position + 2);
    if (sign === "~" && !this.#isPair(position, sign)) return false;
    const isBesideText = isLetterOrDigit(after) || after === "\\" || after === sign;
    if (before === "" || isSpace(before) || OPENING.test(before)) {
      const isAlone = after === "" || isSpace(after);
      // `(\_/)` is a face, `\_(` the arm of one.
      if (sign === "_" && !isBesideText && !isAlone && !this.#opened.has(sign)) return false;
      if (!isAlone) this.#opened.add(sign);
      return true;
    }
    if (this.#opened.has(sign)) return true;
    // `node_modules\_x` is a path, `node\_modules\_x` a name.
    const isInPath = sign === "_" && isLetterOrDigit(after) && this.#hasNameUnderscore;
    const isEscaped = isLetterOrDigit(before) && isBesideText && !isInPath;
    // Inside a word an underscore opens nothing.
    if (isEscaped && sign !== "_") this.#opened.add(sign);
    return isEscaped;
  }

  /** Pipes between operands are no markup, so they need no escape. */
  #isEscapedSpoiler(position: number): boolean {
    if (!this.#isPair(position, "|")) return false;
    const before = charBefore(this.#text, position);
    if (before === "" || isSpace(before) || OPENING.test(before)) this.#opened.add("|");
    return this.#opened.has("|");
  }

  /** A single tilde or pipe is no markup, so it needs no escape. */
  #isPair(position: number, sign: string): boolean {
    const [previous, next] = [this.#text[position - 1], this.#text[position + 2]];
    return previous === sign || next === sign || (next === "\\" && this.#text[position + 3] === sign);
  }
}

/** Returns where in a word a face with two raised arms or hands is; nowhere: an empty range. */
function findFace(word: string): { readonly from: number; readonly to: number } {
  const hand = word.indexOf("\\m/");
  const otherHand = word.lastIndexOf("\\m/");
  if (hand !== otherHand) return { from: hand, to: otherHand + 3 };
  const arm = word.search(/\\[(\uff08]/);
  const otherArm = Math.max(word.lastIndexOf(")/"), word.lastIndexOf("\uff09/"));
  return arm !== -1 && otherArm > arm ? { from: arm, to: otherArm + 2 } : { from: 0, to: 0 };
}
