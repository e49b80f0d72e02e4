/** Something half-written that can be completed: `@an`, `#gen`, `:smi`. */
export interface Completion {
  readonly kind: "person" | "room" | "emoji";
  /** What was written of it, without its sign. */
  readonly query: string;
  /** Where its sign stands in the text. */
  readonly from: number;
}

/** Code units before the caret that are looked at. */
const MAX_LOOKBEHIND_CHARS = 80;

const PATTERNS = [
  // As the server finds names in messages.
  ["person", /(?<![\p{L}\p{N}@._-])@((?:[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,31})?)$/u],
  ["room", /(?<![\p{L}\p{N}_#&/])#([^\s#]{0,40})$/u],
  // Two letters at least: `:D` and `10:30` are complete as they are.
  ["emoji", /(?<![\p{L}\p{N}:]):([a-z][a-z0-9_+-]{1,23})$/iu],
] as const;

/** What could be completed at this place of a text; undefined where nothing is. */
export function findCompletion(text: string, caret: number): Completion | undefined {
  const before = text.slice(Math.max(0, caret - MAX_LOOKBEHIND_CHARS), caret);
  for (const [kind, pattern] of PATTERNS) {
    const query = pattern.exec(before)?.[1];
    if (query !== undefined) return { kind, query, from: caret - query.length - 1 };
  }
  return undefined;
}

export interface TextEdit {
  readonly text: string;
  readonly caret: number;
}

/** Puts what was chosen in the place of what was half-written, with a space behind it. */
export function applyCompletion(text: string, { from, query }: Completion, chosen: string): TextEdit {
  const rest = text.slice(from + 1 + query.length);
  const inserted = `${chosen}${/^\s/.test(rest) ? "" : " "}`;
  // The caret goes behind the space, also where there was one.
  const caret = from + inserted.length + (inserted === chosen ? 1 : 0);
  return { text: text.slice(0, from) + inserted + rest, caret };
}

const CLOSED_SHORTCODE = /(?<![\p{L}\p{N}:]):([a-z0-9_+-]{2,24}):$/iu;

/**
 * Puts the picture in the place of a `:name:` that was closed just now.
 *
 * @param find the emoji of a name; undefined where there is none
 */
export function replaceShortcode(
  text: string,
  caret: number,
  find: (name: string) => string | undefined,
): TextEdit | undefined {
  const name = CLOSED_SHORTCODE.exec(text.slice(Math.max(0, caret - MAX_LOOKBEHIND_CHARS), caret))?.[1];
  const emoji = name === undefined ? undefined : find(name.toLowerCase());
  if (name === undefined || emoji === undefined) return undefined;
  const from = caret - name.length - 2;
  return { text: text.slice(0, from) + emoji + text.slice(caret), caret: from + emoji.length };
}
