import { isInsideWord } from "@multichat/protocol/markup";

/** A partial name before the caret: `@an`, `#gen`, `:smi`. */
export interface Completion {
  readonly kind: "person" | "room" | "emoji";
  /** The partial name without its leading character. */
  readonly query: string;
  /** The index of the leading character. */
  readonly from: number;
}

const MAX_LOOKBEHIND_CHARS = 80;

const PATTERNS = [
  ["person", /(?<!@)[@\uff20]((?:[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,31})?)$/u],
  ["room", /(?<![\p{L}\p{N}_#&/])#([^\s#]{0,40})$/u],
  // At least two letters: `:D` and `10:30` are complete.
  ["emoji", /(?<![\p{L}\p{N}:]):([a-z][a-z0-9_+-]{1,23})$/iu],
] as const;

/** Finds the partial name before the caret. */
export function findCompletion(text: string, caret: number): Completion | undefined {
  const before = text.slice(Math.max(0, caret - MAX_LOOKBEHIND_CHARS), caret);
  for (const [kind, pattern] of PATTERNS) {
    const query = pattern.exec(before)?.[1];
    if (query === undefined) continue;
    const at = before.length - query.length - 1;
    if (kind === "person" && isInsideWord(before, at)) continue;
    return { kind, query, from: caret - query.length - 1 };
  }
  return undefined;
}

export interface TextEdit {
  readonly text: string;
  readonly caret: number;
}

/** Replaces the partial name by the chosen one, followed by a space. */
export function applyCompletion(text: string, { from, query }: Completion, chosen: string): TextEdit {
  const rest = text.slice(from + 1 + query.length);
  const inserted = `${chosen}${/^\s/.test(rest) ? "" : " "}`;
  // The caret goes after the space, including one that was there already.
  const caret = from + inserted.length + (inserted === chosen ? 1 : 0);
  return { text: text.slice(0, from) + inserted + rest, caret };
}

const CLOSED_SHORTCODE = /(?<![\p{L}\p{N}:]):([a-z0-9_+-]{2,24}):$/iu;

/**
 * Replaces a `:name:` that ends at the caret by its emoji.
 *
 * @param find returns the emoji of a name, undefined if there is none
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
