interface TextRange {
  readonly from: number;
  readonly to: number;
}
declare function findMatches(text: string, query: string): readonly TextRange[];
type SearchFilter = "in" | "from" | "before" | "after";
interface SearchTerm {
  readonly text: string;
  readonly kind: "word" | "prefix" | "phrase";
}
type QueryPart = {
  readonly kind: "term";
  readonly term: SearchTerm;
} | {
  readonly kind: "filter";
  readonly filter: SearchFilter;
  readonly value: string;
};
declare function readQuery(query: string): readonly QueryPart[];
interface Phrase {
  readonly words: readonly string[];
  readonly otherWords?: readonly string[];
  readonly isPrefix: boolean;
}
declare function toPhrase({
  text,
  kind
}: SearchTerm): Phrase | undefined;
declare function wordsIn(text: string): string[];
declare function indexedWordsIn(text: string): string[];
declare class WordReader {
  constructor(text: string);
  advance(maxCharacters: number): boolean;
  end(): string[];
  endIndexed(): string[];
}
declare function hasWords(text: string): boolean;
export { type Phrase, type SearchFilter, type SearchTerm, type TextRange, WordReader, findMatches, hasWords, indexedWordsIn, readQuery, toPhrase, wordsIn };