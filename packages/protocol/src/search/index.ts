export { findMatches, type TextRange } from "./matches.ts";
export { type Phrase, readQuery, type SearchFilter, type SearchTerm, toPhrase } from "./query.ts";
export { hasWords, indexedWordsIn, WordReader, wordsIn } from "./words.ts";
