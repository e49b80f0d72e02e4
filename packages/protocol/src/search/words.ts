import { foldLetter } from "./fold-letter.ts";
import { isInnerMark, joinsWords } from "./inner-marks.ts";
import { attachVoicingMarks } from "./kana.ts";

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
/** Parts of a word between apostrophes that are indexed joined; with more, it is no word. */
const MAX_JOINED_PARTS = 4;
/** Words of one text that are indexed again, joined, with those around them: more than a text in any language has. */
const MAX_JOINED_WORDS = 2_000;
/** Words on either side of a joined word that are indexed again with it, for phrases. */
const JOINED_NEIGHBORS = 8;
/** Stands in the index between words that do not follow each other. Folding replaces this letter, so no word has it. */
export const GAP_WORD = "ß";
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
/** Malayalam letters without a vowel, with the sign that says so, which one way to write `nt` repeats. */
const VIRAMA_OF_CHILLU = /(?<=[\u0d7a-\u0d7f\u0d54-\u0d56])\u0d4d/g;
const WORD_CHARACTER = /[\p{L}\p{N}\p{M}\p{Co}\p{Extended_Pictographic}]/u;
const PICTOGRAPH = /\p{Extended_Pictographic}/u;
const ASCII = /^[\0-\x7f]*$/;
const REGIONAL_A = 0x1f1e6;
const REGIONAL_Z = 0x1f1ff;

/** Returns the words of a text, in order. */
export function wordsIn(text: string): string[] {
  return readAll(text).end();
}

/** Returns the words to index a text by: its words, and those with apostrophes once more without (`hawai i` and `hawaii`). */
export function indexedWordsIn(text: string): string[] {
  return readAll(text).endIndexed();
}

function readAll(text: string): WordReader {
  const reader = new WordReader(text);
  while (reader.advance(Number.MAX_SAFE_INTEGER));
  return reader;
}

/**
 * Reads the words of a text in parts: those of the longest message can take tens of milliseconds, in which the thread would do
 * nothing else.
 */
export class WordReader {
  readonly #words = new WordList();
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    if (ASCII.test(text)) {
      // Takes less time than a part of any other text.
      const lower = text.toLowerCase();
      for (const { 0: word, index } of lower.matchAll(/[a-z0-9]+/g)) {
        if (!this.#words.addRun(word, { isJoined: isJoinedInAscii(lower, index) })) break;
      }
      this.#text = "";
    } else {
      this.#text = compose(text);
    }
  }

  /** Reads at most so many characters. Returns whether there are more to be read. */
  advance(maxCharacters: number): boolean {
    for (let count = 0; count < maxCharacters && this.#position < this.#text.length; count += 1) {
      const character = String.fromCodePoint(this.#text.codePointAt(this.#position) ?? 0);
      this.#position += character.length;
      if (!this.#words.addAll(toPieces(character))) this.#position = this.#text.length;
    }
    return this.#position < this.#text.length;
  }

  /** Returns the words of what was read. Nothing can be read afterwards. */
  end(): string[] {
    this.#position = this.#text.length;
    return this.#words.end();
  }

  /** Returns the words to index what was read by; see `indexedWordsIn`. Nothing can be read afterwards. */
  endIndexed(): string[] {
    this.#position = this.#text.length;
    return this.#words.endIndexed();
  }
}

/** Does for ASCII in lower case what `joinsWords` does. @param index of the character behind the mark */
function isJoinedInAscii(text: string, index: number): boolean {
  const mark = text[index - 1];
  if (mark !== "'" && mark !== "`") return false;
  return isSmallLetter(text[index - 2]) && isSmallLetter(text[index]);
}

function isSmallLetter(character = ""): boolean {
  return character >= "a" && character <= "z";
}

function compose(text: string): string {
  return attachVoicingMarks(text.replace(MARK_FLOOD, "$1").replace(NARROW_RUN, (run) => run.normalize("NFKC")))
    .replace(VIRAMA_OF_CHILLU, "")
    .normalize("NFC");
}

/** A word, and the part of the text that it stands for, in UTF-16 units. */
export interface LocatedWord {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Characters that are composed together: a Hangul syllable of its parts, any other character with its marks (two of which
 * are letters in their narrow form), also with the joiner that makes its virama a part of
 * the letter. Nothing composes across the ends of such a part, so each can be folded alone.
 */
const COMPOSED_TOGETHER =
  /[\uac00-\ud7a3]?[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb\uffa0-\uffdc]+[\p{M}\p{Emoji_Modifier}\u309b\u309c\uff9e\uff9f]*|.[\p{M}\p{Emoji_Modifier}\u309b\u309c\uff9e\uff9f]*(?:(?<=[\u09cd\u0d4d])\u200d)?/gsu;

const NOWHERE = { from: 0, to: 0 };

/** Returns the words of `indexedWordsIn` with their places in the text. */
export function locateIndexedWords(text: string): readonly LocatedWord[] {
  const words = new WordList();
  for (const { 0: part, index } of text.matchAll(COMPOSED_TOGETHER)) {
    words.from = index;
    words.to = index + part.length;
    let isFull = false;
    for (const character of compose(part)) isFull ||= !words.addAll(toPieces(character));
    if (isFull) break;
  }
  return words.endIndexed().map((word, index) => ({ text: word, ...(words.places[index] ?? NOWHERE) }));
}

/** Whether a text holds at least one word, so that it can be searched for. */
export function hasWords(text: string): boolean {
  return wordsIn(text).length > 0;
}

/**
 * What a character contributes: a part of a word, a word, half of a flag, the end of a word (`gap`), or a mark that ends a word
 * and may join it to the next one.
 */
interface Piece {
  readonly kind: "part" | "word" | "flag" | "gap" | "mark";
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
  if (isInnerMark(character)) return [{ kind: "mark", text: character }];
  const pieces = [...foldLetter(character)].map(toPiece);
  // `‼` is an emoji that folds to punctuation.
  if (PICTOGRAPH.test(character) && pieces.every((piece) => piece === GAP)) return [toPiece(character)];
  return pieces.length === 1 && pieces[0] === GAP ? GAPS : pieces;
}

function toPiece(character: string): Piece {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code >= REGIONAL_A && code <= REGIONAL_Z) return { kind: "flag", text: hex };
  // Also of characters that fold to several, such as `ŉ`.
  if (isInnerMark(character)) return { kind: "mark", text: character };
  if (!WORD_CHARACTER.test(character)) return GAP;
  // Unknown to the index's tables of letters: emoji, rare characters, recently encoded scripts.
  if (code > 0xffff || PICTOGRAPH.test(character)) return { kind: "word", text: `x${hex}` };
  const kind = code >= 0x0e00 && UNSPACED_SCRIPT.test(character) ? "word" : "part";
  return { kind, text: character };
}

/** Collects words up to the bounds. */
class WordList {
  /** The part of the text that the next pieces stand for. */
  from = 0;
  to = 0;
  /** The positions of each word in the text, if the positions of the pieces are given. */
  readonly places: { readonly from: number; readonly to: number }[] = [];
  readonly #words: string[] = [];
  #chars = 0;
  #part = "";
  /** The first half of a flag. */
  #flag = "";
  /** Where the part or the flag begins and ends. */
  #openFrom = 0;
  #openTo = 0;
  /** The mark that ended the part before. */
  #mark = "";
  /** Words that marks join to the word before. */
  readonly #joined = new Set<number>();
  #isPartJoined = false;

  /** Adds the pieces of a character. Returns false when the list is full. */
  addAll(pieces: readonly Piece[]): boolean {
    for (const { kind, text } of pieces) {
      if (kind === "part") {
        if (this.#flag !== "") this.#endFlag();
        if (this.#part === "") this.#openPart(text);
        this.#openTo = this.to;
        this.#part += text;
        if (this.#part.length >= MAX_WORD_CHARS) this.#endPart();
      } else if (kind === "flag") {
        this.#endPart();
        this.#mark = "";
        if (this.#flag === "") this.#openFrom = this.from;
        this.#openTo = this.to;
        if (this.#flag === "") this.#flag = text;
        else this.#endFlag(text);
      } else {
        const hadPart = this.#part !== "";
        this.#endPart();
        this.#endFlag();
        if (kind === "word") this.#push(text, this.from, this.to);
        this.#mark = kind === "mark" && hadPart ? text : "";
      }
    }
    return !this.#isFull;
  }

  /** Adds letters that follow each other. Returns false when the list is full. */
  addRun(run: string, { isJoined }: { readonly isJoined: boolean }): boolean {
    if (isJoined) this.#joined.add(this.#words.length);
    for (let from = 0; from < run.length && !this.#isFull; from += MAX_WORD_CHARS) {
      this.#push(run.slice(from, from + MAX_WORD_CHARS), this.from, this.to);
    }
    return !this.#isFull;
  }

  end(): string[] {
    this.#endPart();
    this.#endFlag();
    return this.#words;
  }

  /**
   * Returns the words, and behind them those that marks join, without the marks: first between the words around them, as
   * phrases have them, then by a part of their marks only (`obrien s`).
   */
  endIndexed(): string[] {
    const words = this.end();
    const count = words.length;
    const runs = [...this.#joinedRuns()].filter(({ first, length }) => this.#join(first, length) !== undefined);
    const isAtBound = () => this.#isFull || words.length >= count + MAX_JOINED_WORDS;
    let next = 0;
    for (const [index, { first, length }] of runs.entries()) {
      if (isAtBound()) return words;
      const start = Math.max(next, first - JOINED_NEIGHBORS);
      // Words between two joined ones are indexed once for both.
      if (index === 0 || start > next) this.#push(GAP_WORD, 0, 0);
      for (let before = start; before < first; before += 1) this.#pushAgain(words[before], before);
      this.#pushAgain(this.#join(first, length), first, first + length - 1);
      next = first + length;
      const end = Math.min(count, next + JOINED_NEIGHBORS, runs[index + 1]?.first ?? count);
      for (; next < end; next += 1) this.#pushAgain(words[next], next);
    }
    for (const { first, length } of runs) {
      for (let start = 0; start < length - 1; start += 1) {
        for (let end = start + 2; end <= length && end - start < length; end += 1) {
          if (isAtBound()) return words;
          this.#push(GAP_WORD, 0, 0);
          this.#pushAgain(this.#join(first + start, end - start), first + start, first + end - 1);
        }
      }
    }
    return words;
  }

  /** Returns words as one; undefined: it would be longer than a word of the index. */
  #join(first: number, length: number): string | undefined {
    const joined = this.#words.slice(first, first + length).join("");
    return joined.length > MAX_WORD_CHARS ? undefined : joined;
  }

  *#joinedRuns(): Iterable<{ readonly first: number; readonly length: number }> {
    let first = -1;
    let length = 0;
    for (const index of this.#joined) {
      if (index === first + length) {
        length += 1;
        continue;
      }
      if (length > 1 && length <= MAX_JOINED_PARTS) yield { first, length };
      first = index - 1;
      length = 2;
    }
    if (length > 1 && length <= MAX_JOINED_PARTS) yield { first, length };
  }

  /** Adds a word that stands where some of the words do. */
  #pushAgain(word = "", start: number, last = start): void {
    this.#push(word, this.places[start]?.from ?? 0, this.places[last]?.to ?? 0);
  }

  #openPart(text: string): void {
    this.#openFrom = this.from;
    this.#isPartJoined = this.#mark !== "" && joinsWords(this.#mark, { before: this.#words.at(-1) ?? "", after: text });
    this.#mark = "";
  }

  get #isFull(): boolean {
    return this.#words.length >= MAX_WORDS || this.#chars >= MAX_WORD_CHARS_IN_ALL;
  }

  #endPart(): void {
    if (this.#part === "") return;
    if (this.#isPartJoined) this.#joined.add(this.#words.length);
    this.#isPartJoined = false;
    this.#push(this.#part, this.#openFrom, this.#openTo);
    this.#part = "";
  }

  #endFlag(secondHalf = ""): void {
    if (this.#flag !== "") this.#push(`x${this.#flag}${secondHalf}`, this.#openFrom, this.#openTo);
    this.#flag = "";
  }

  #push(word: string, from: number, to: number): void {
    if (this.#words.length >= MAX_WORDS || this.#chars + word.length > MAX_WORD_CHARS_IN_ALL) {
      this.#chars = MAX_WORD_CHARS_IN_ALL;
      return;
    }
    this.#words.push(word);
    if (this.to > 0) this.places.push({ from, to });
    this.#chars += word.length;
  }
}
