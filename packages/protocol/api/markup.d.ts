type Inline = {
  readonly kind: "text";
  readonly text: string;
} | {
  readonly kind: "code";
  readonly text: string;
} | {
  readonly kind: "strong" | "emphasis" | "strikethrough";
  readonly children: readonly Inline[];
} /** Hidden until the reader asks for it. Its text belongs in no preview: `toPlainText` leaves it out. */ | {
  readonly kind: "spoiler";
  readonly children: readonly Inline[];
} | {
  readonly kind: "link";
  readonly href: string;
  readonly children: readonly Inline[];
}
| {
  readonly kind: "mention";
  readonly text: string;
};
type Alignment = "left" | "center" | "right" | null;
interface Table {
  readonly kind: "table";
  readonly alignments: readonly Alignment[];
  readonly header: readonly (readonly Inline[])[];
  readonly rows: readonly (readonly (readonly Inline[])[])[];
}
interface Task {
  readonly isDone: boolean;
  readonly position: number;
}
type Block = {
  readonly kind: "paragraph";
  readonly children: readonly Inline[];
} /** A whole message that begins with `/me`: what its author does, without the `/me`. */ | {
  readonly kind: "action";
  readonly children: readonly Inline[];
} /** `level`: 1 to 6. */ | {
  readonly kind: "heading";
  readonly level: number;
  readonly children: readonly Inline[];
} /** A line across, between what is above and below it. */ | {
  readonly kind: "rule";
} /** `language`: the first word after the fence, else "". */ | {
  readonly kind: "code";
  readonly text: string;
  readonly language: string;
} | {
  readonly kind: "quote";
  readonly children: readonly Block[];
} | {
  readonly kind: "list";
  readonly start: number | null;
  readonly items: readonly (readonly Block[])[]; /** For each item its box, undefined for one without; left out of a list without boxes. */
  readonly tasks?: readonly (Task | undefined)[];
} | Table;
declare function parseMarkup(text: string): Block[];
declare const isUnspaced: (char: string) => boolean;
declare function charAt(text: string, position: number): string;
declare function charBefore(text: string, position: number): string;
declare const MENTION_ALL = "all";
declare const NAME_START = "(?![0-9]\\ufe0f?\\u20e3)[\\p{L}\\p{Nd}\\u3007]";
declare const NAME_PART = "(?:\\p{Default_Ignorable_Code_Point}*(?![0-9]\\ufe0f?\\u20e3)[\\p{L}\\p{Mn}\\p{Mc}\\p{Nd}\\u3007._\\-\\u2024\\ufe33\\ufe34\\ufe4d-\\ufe4f\\ufe52\\ufe63\\uff0d\\uff0e\\uff3f])";
declare function isInsideWord(text: string, position: number): boolean;
declare function isBehindWord(text: string, position: number): boolean;
declare function normalizeName(name: string): string;
declare function splitMention(text: string, isName: (key: string) => boolean): {
  readonly mention: string;
  readonly name: string;
  readonly rest: string;
} | undefined;
type MentionCandidates = readonly (readonly string[])[];
declare function findMentionCandidates(text: string): MentionCandidates;
declare function mightMentionAll(text: string): boolean;
declare function toPlainText(blocks: readonly Block[]): string;
declare function excerptToPlainText(blocks: readonly Block[], {
  isCut
}: {
  readonly isCut: boolean;
}): string;
interface TaskAddress {
  readonly text: string;
  readonly occurrence: number;
}
declare function findTask(body: string, position: number): TaskAddress | undefined;
declare function setTask(body: string, {
  text,
  occurrence
}: TaskAddress, {
  isDone
}: {
  readonly isDone: boolean;
}): string | undefined;
export { type Alignment, type Block, type Inline, MENTION_ALL, type MentionCandidates, NAME_PART, NAME_START, type Table, type Task, type TaskAddress, charAt, charBefore, excerptToPlainText, findMentionCandidates, findTask, isBehindWord, isInsideWord, isUnspaced, mightMentionAll, normalizeName, parseMarkup, setTask, splitMention, toPlainText };