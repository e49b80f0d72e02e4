export { type Block, parseMarkup } from "./blocks.ts";
export type { Inline } from "./inline.ts";
export { isInsideWord, MENTION_ALL, normalizeName, splitMention } from "./mention-names.ts";
export { findMentionCandidates, type MentionCandidates, mightMentionAll } from "./mentions.ts";
export { toPlainText } from "./plain-text.ts";
