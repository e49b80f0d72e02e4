export { type Block, parseMarkup, type Task } from "./blocks.ts";
export { charAt, charBefore, isUnspaced } from "./characters.ts";
export type { Inline } from "./inline.ts";
export {
  isBehindWord,
  isInsideWord,
  MENTION_ALL,
  NAME_PART,
  NAME_START,
  normalizeName,
  splitMention,
} from "./mention-names.ts";
export { findMentionCandidates, type MentionCandidates, mightMentionAll } from "./mentions.ts";
export { excerptToPlainText, toPlainText } from "./plain-text.ts";
export type { Alignment, Table } from "./tables.ts";
export { findTask, setTask, type TaskAddress } from "./tasks.ts";
