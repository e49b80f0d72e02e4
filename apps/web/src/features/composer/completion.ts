import { isBehindWord, isInsideWord, NAME_PART, NAME_START, parseMarkup } from "@multichat/protocol/markup";

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
  ["person", new RegExp(`(?<![@\\uff20])[@\\uff20]((?:${NAME_START}${NAME_PART}{0,31})?)$`, "u")],
  ["room", /(?<![_#\uff03&/])[#\uff03]([^\s#\uff03]{0,40})$/u],
  // At least two letters: `:D` and `10:30` are complete.
  ["emoji", /(?<!:):([a-z][a-z0-9_+-]{1,23})$/iu],
] as const;

/** Finds the partial name before the caret. */
export function findCompletion(text: string, caret: number): Completion | undefined {
  const before = text.slice(Math.max(0, caret - MAX_LOOKBEHIND_CHARS), caret);
  for (const [kind, pattern] of PATTERNS) {
    const query = pattern.exec(before)?.[1];
    if (query === undefined) continue;
    const at = before.length - query.length - 1;
    if (kind === "person" ? isInsideWord(before, at) : isBehindWord(before, at)) continue;
    if (kind === "emoji" && isInsideCode(text, caret - query.length - 1)) continue;
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

const CLOSED_SHORTCODE = /(?<!:):([a-z0-9_+-]{2,60}):$/iu;

type FindEmoji = (name: string) => string | undefined;

/**
 * Replaces a `:name:` that ends at the caret by its emoji, except in code.
 *
 * @param find returns the emoji of a name, undefined if there is none
 */
export function replaceShortcode(text: string, caret: number, find: FindEmoji): TextEdit | undefined {
  const before = text.slice(Math.max(0, caret - MAX_LOOKBEHIND_CHARS), caret);
  const name = CLOSED_SHORTCODE.exec(before)?.[1];
  if (name !== undefined && isBehindWord(before, before.length - name.length - 2)) return undefined;
  const emoji = name === undefined ? undefined : find(name.toLowerCase());
  if (name === undefined || emoji === undefined) return undefined;
  const from = caret - name.length - 2;
  if (isInsideCode(text, from)) return undefined;
  return { text: text.slice(0, from) + emoji + text.slice(caret), caret: from + emoji.length };
}

/** No message that a user types contains it. */
const PROBE = "\ue000";

/** Whether the position is in code, also in code whose end is not typed yet. */
export function isInsideCode(text: string, position: number): boolean {
  const before = text.slice(0, position);
  if (!/`|~~~/.test(before)) return false;
  const rest = text.slice(position);
  return [rest, "", "`", "``"].some((after) =>
    listLiterals(before + PROBE + after).some((code) => code.includes(PROBE)),
  );
}

/** One or more of them in a row. */
const SHORTCODES = /(?<![\p{L}\p{N}:])(?::[a-z0-9_+-]{2,60}:)+(?![\p{L}\p{N}:])/giu;
const SHORTCODE = /:([a-z0-9_+-]{2,60}):/gi;
const MAX_REPLACED = 100;

/** Whether a text has something between colons that could be the name of an emoji. */
export function hasShortcode(text: string): boolean {
  return text.search(SHORTCODES) !== -1;
}

/** Replaces every `:name:` by its emoji, except in code and in addresses. */
export function replaceShortcodes(text: string, find: FindEmoji): string {
  let replaced = text;
  let literals = listLiterals(text).join("\n");
  // From the end, so that the positions of those before stay right.
  for (const { 0: whole, index } of [...text.matchAll(SHORTCODES)].slice(0, MAX_REPLACED).reverse()) {
    const emoji = whole.replace(SHORTCODE, (one, name: string) => find(name.toLowerCase()) ?? one);
    if (emoji === whole) continue;
    const candidate = replaced.slice(0, index) + emoji + replaced.slice(index + whole.length);
    const changed = listLiterals(candidate).join("\n");
    if (changed === literals) [replaced, literals] = [candidate, changed];
  }
  return replaced;
}

/** Returns what a text contains that is not prose: code, and the addresses of links. */
function listLiterals(text: string): readonly string[] {
  const literals: string[] = [];
  collectLiterals(parseMarkup(text), literals);
  return literals;
}

function collectLiterals(part: unknown, literals: string[]): void {
  if (typeof part !== "object" || part === null) return;
  if ("kind" in part && part.kind === "code" && "text" in part) literals.push(String(part.text));
  if ("href" in part) literals.push(String(part.href));
  for (const child of Object.values(part)) collectLiterals(child, literals);
}
