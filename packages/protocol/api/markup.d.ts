type Inline = {
  readonly kind: "text";
  readonly text: string;
} | {
  readonly kind: "code";
  readonly text: string;
} | {
  readonly kind: "strong" | "emphasis" | "strikethrough";
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
type Block = {
  readonly kind: "paragraph";
  readonly children: readonly Inline[];
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
  readonly items: readonly (readonly Block[])[];
};
declare function parseMarkup(text: string): Block[];
declare const MENTION_ALL = "all";
declare function isInsideWord(text: string, position: number): boolean;
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
export { type Block, type Inline, MENTION_ALL, type MentionCandidates, findMentionCandidates, isInsideWord, mightMentionAll, normalizeName, parseMarkup, splitMention, toPlainText };