import { type Phrase, readQuery, toPhrase } from "./query.ts";
import { type LocatedWord, locateIndexedWords } from "./words.ts";

/** A part of a text, in UTF-16 units. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** Returns the parts of a found text that the terms of the query match, in order and apart from each other. */
export function findMatches(text: string, query: string): readonly TextRange[] {
  const phrases = readQuery(query).flatMap((part) => (part.kind === "term" ? (toPhrase(part.term) ?? []) : []));
  if (phrases.length === 0) return [];
  const words = locateIndexedWords(text);
  const ranges = phrases
    .flatMap(({ otherWords, isPrefix, ...phrase }) => [
      ...findWords(words, phrase.words, { isPrefix }),
      ...(otherWords === undefined ? [] : findWords(words, otherWords, { isPrefix })),
    ])
    .sort((a, b) => a.from - b.from || b.to - a.to);
  const apart: TextRange[] = [];
  for (const range of ranges) {
    const last = apart.at(-1);
    if (last === undefined || range.from >= last.to) apart.push(range);
    else if (range.to > last.to) apart[apart.length - 1] = { from: last.from, to: range.to };
  }
  return apart;
}

function findWords(
  words: readonly LocatedWord[],
  wanted: readonly string[],
  { isPrefix }: Pick<Phrase, "isPrefix">,
): TextRange[] {
  const ranges: TextRange[] = [];
  const length = wanted.length;
  for (let start = 0; start + length <= words.length; start += 1) {
    const isMatch = wanted.every((word, index) => {
      const text = words[start + index]?.text ?? "";
      return isPrefix && index === length - 1 ? text.startsWith(word) : text === word;
    });
    const first = words[start];
    const last = words[start + length - 1];
    if (isMatch && first !== undefined && last !== undefined) ranges.push({ from: first.from, to: last.to });
  }
  return ranges;
}
