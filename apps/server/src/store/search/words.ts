import { foldLetter } from "./fold-letter.ts";

/**
 * Splits text into the words of the search, in the same way for messages and for queries. Words consist of letters, digits
 * and marks alone, so that nothing a user types has a meaning in the index's query language. The result is bounded, and so is
 * the work: a character may stand for eighteen, and each word costs an entry in the index.
 */

/** Words of one text; the rest is not searchable. */
export const MAX_WORDS = 10_000;
/** UTF-16 units of all words of one text. */
export const MAX_WORD_CHARS_IN_ALL = 20_000;
/** UTF-16 units of one word; the rest of a longer run of letters is the next word. */
const MAX_WORD_CHARS = 64;
/**
 * Marks after each other; the rest is dropped. It is the bound of Unicode's stream-safe format (UAX 15): to sort ten
 * thousand of them takes 80 ms, and the time grows with the square.
 */
const MARK_FLOOD = /(\p{M}{30})\p{M}+/gu;

/** Scripts that are written without spaces, or with suffixes attached: each character is a word. */
const UNSPACED_SCRIPT =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;

/** Katakana and Hangul in their narrow forms, whose voicing marks are characters of their own. */
const NARROW_RUN = /[\uff61-\uffdc]+/gu;
const WORD_CHARACTER = /[\p{L}\p{N}\p{M}\p{Co}\p{Extended_Pictographic}]/u;
/** Apostrophes that Unicode counts as letters; others are punctuation. */
const APOSTROPHE = /[\u02b9-\u02bc\u02ee]/u;
const PICTOGRAPH = /\p{Extended_Pictographic}/u;
const ASCII = /^[\0-\x7f]*$/;
const REGIONAL_A = 0x1f1e6;
const REGIONAL_Z = 0x1f1ff;

/** Returns the words of a text, in order. */
export function wordsIn(text: string): string[] {
  const words = new WordList();
  if (ASCII.test(text)) {
    for (const [word] of text.toLowerCase().matchAll(/[a-z0-9]+/g)) {
      if (!words.addRun(word)) break;
    }
    return words.end();
  }
  const composed = text
    .replace(MARK_FLOOD, "$1")
    .replace(NARROW_RUN, (run) => run.normalize("NFKC"))
    .normalize("NFC");
  for (const character of composed) {
    if (!words.addAll(toPieces(character))) break;
  }
  return words.end();
}

/** Whether a text holds at least one word, so that it can be searched for. */
export function hasWords(text: string): boolean {
  return wordsIn(text).length > 0;
}

/** What a character contributes: a part of a word, a word, half of a flag, or the end of a word (`gap`). */
interface Piece {
  readonly kind: "part" | "word" | "flag" | "gap";
  readonly text: string;
}

const GAP: Piece = { kind: "gap", text: "" };

const GAPS: readonly Piece[] = [GAP];

/** Characters whose pieces are remembered, more than a text can hold: to compute them costs several microseconds. */
const MAX_REMEMBERED = 65_536;
const remembered = new Map<string, readonly Piece[]>();

function toPieces(character: string): readonly Piece[] {
  const known = remembered.get(character);
  if (known !== undefined) return known;
  const pieces = isPlainWord(character) ? [{ kind: "word", text: character } as const] : foldToPieces(character);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(character, pieces);
  return pieces;
}

/** Common ideographs and Hangul syllables: most of the characters that exist, and none of them is folded. */
function isPlainWord(character: string): boolean {
  return /^[\u4e00-\u9fff\uac00-\ud7a3]$/.test(character);
}

function foldToPieces(character: string): readonly Piece[] {
  const pieces = [...foldLetter(character)].map(toPiece);
  return pieces.length === 1 && pieces[0] === GAP ? GAPS : pieces;
}

function toPiece(character: string): Piece {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code >= REGIONAL_A && code <= REGIONAL_Z) return { kind: "flag", text: hex };
  if (!WORD_CHARACTER.test(character) || APOSTROPHE.test(character)) return GAP;
  // Unknown to the index's tables of letters: emoji, rare characters, recently encoded scripts.
  if (code > 0xffff || PICTOGRAPH.test(character)) return { kind: "word", text: `x${hex}` };
  const kind = code >= 0x0e00 && UNSPACED_SCRIPT.test(character) ? "word" : "part";
  return { kind, text: character };
}

/** Collects words up to the bounds. */
class WordList {
  readonly #words: string[] = [];
  #chars = 0;
  #part = "";
  /** The first half of a flag. */
  #flag = "";

  /** Adds the pieces of a character. Returns false when the list is full. */
  addAll(pieces: readonly Piece[]): boolean {
    for (const { kind, text } of pieces) {
      if (kind === "part") {
        if (this.#flag !== "") this.#endFlag();
        this.#part += text;
        if (this.#part.length >= MAX_WORD_CHARS) this.#endPart();
      } else if (kind === "flag") {
        this.#endPart();
        if (this.#flag === "") this.#flag = text;
        else this.#endFlag(text);
      } else {
        this.#endPart();
        this.#endFlag();
        if (kind === "word") this.#push(text);
      }
    }
    return !this.#isFull;
  }

  /** Adds letters that follow each other. Returns false when the list is full. */
  addRun(run: string): boolean {
    for (let from = 0; from < run.length && !this.#isFull; from += MAX_WORD_CHARS) {
      this.#push(run.slice(from, from + MAX_WORD_CHARS));
    }
    return !this.#isFull;
  }

  end(): string[] {
    this.#endPart();
    this.#endFlag();
    return this.#words;
  }

  get #isFull(): boolean {
    return this.#words.length >= MAX_WORDS || this.#chars >= MAX_WORD_CHARS_IN_ALL;
  }

  #endPart(): void {
    if (this.#part !== "") this.#push(this.#part);
    this.#part = "";
  }

  #endFlag(secondHalf = ""): void {
    if (this.#flag !== "") this.#push(`x${this.#flag}${secondHalf}`);
    this.#flag = "";
  }

  #push(word: string): void {
    if (this.#words.length >= MAX_WORDS || this.#chars + word.length > MAX_WORD_CHARS_IN_ALL) {
      this.#chars = MAX_WORD_CHARS_IN_ALL;
      return;
    }
    this.#words.push(word);
    this.#chars += word.length;
  }
}
