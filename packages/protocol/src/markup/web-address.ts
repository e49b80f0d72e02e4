/** The part of the URL standard that is used here; browsers and Node have it. */
declare const URL: {
  new (
    address: string,
  ): {
    readonly href: string;
    readonly protocol: string;
    readonly username: string;
    readonly password: string;
  };
  canParse(address: string): boolean;
};

/** Longer addresses stay text: no address bar shows them. */
const MAX_URL_CHARS = 4096;

// The rules are those of linkify-it: an address ends before a space, a control character or punctuation, except for the ASCII
// punctuation that addresses contain. Here a backtick, which begins code, and direction marks end it, too.
const BREAK = "\\p{Z}\\p{Cc}`\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069";
const SEPARATOR = "<>\\uff5c";
const LETTER = `[^${BREAK}${SEPARATOR}\\p{P}]`;
const LABEL = `${LETTER}(?:(?:${LETTER}|-){0,61}${LETTER})?`;
const HOST_END = `(?=$|[${BREAK}${SEPARATOR}\\p{P}])(?!-|:\\d|\\.-|\\.(?!$|[${BREAK}\\p{P}]))`;
const ORIGIN = new RegExp(
  `https?://(?:\\[[\\da-f:.]{2,45}\\]|(?:${LABEL}\\.){0,10}${LABEL})(?::\\d{1,5})?${HOST_END}`,
  "iuy",
);
/** What would make the host the name of a user: such an address could pose as another host. */
const CREDENTIALS = new RegExp(`(?::[^\\s/?#@]{0,100})?@(?=${LETTER}|\\[)\\S*`, "uy");
const BRACKET_OR_BREAK = new RegExp(`[()[\\]{}${BREAK}]`, "gu");
/** A part of a path without brackets, `*`, `~` and `|`. Two quotation marks belong to it with what is between them. */
const PATH = new RegExp(
  `(?:[\\\\/:%@#&=_-]|(?![~|])${LETTER}|\\.(?![.${BREAK}]|$)|\\.{2,20}:?[a-z\\d%/&]|[,;](?![${BREAK}]|$)|!{1,20}(?![!${BREAK}]|$)|` +
    `\\?(?![?${BREAK}]|$)|(["'])(?:(?!\\1)[^${BREAK}]){1,100}\\1|'(?=${LETTER}|-))+`,
  "iuy",
);
const CLOSERS = ")]}";
const OPENERS = "([{";

/** Maps the index of each opening bracket to that of the bracket that closes it in the same word; 0: none does. */
export type BracketPairs = Int32Array;

export function pairBrackets(text: string): BracketPairs {
  const pairs = new Int32Array(text.length);
  const open: [number[], number[], number[]] = [[], [], []];
  for (const { 0: char, index } of text.matchAll(BRACKET_OR_BREAK)) {
    const opened = open[OPENERS.indexOf(char)];
    const closed = open[CLOSERS.indexOf(char)];
    if (opened !== undefined) opened.push(index);
    else if (closed === undefined) for (const indexes of open) indexes.length = 0;
    else {
      const opener = closed.pop();
      if (opener !== undefined) pairs[opener] = index;
    }
  }
  return pairs;
}

const WEB_SCHEMES = ["https:", "http:"];

/**
 * Returns the normalized address if its scheme is allowed, else undefined. Addresses with a name and password are rejected,
 * since these could pose as a host.
 */
export function toSafeHref(address: string, schemes: readonly string[] = WEB_SCHEMES): string | undefined {
  // Checked first: for anything else an exception would be the costly answer.
  if (!/^(?:https?|mailto):/i.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  const hasNoCredentials = url.username === "" && url.password === "";
  return hasNoCredentials && schemes.includes(url.protocol) ? url.href : undefined;
}

interface Context {
  /** The delimiters that are open here, each with its length: a run that closes one ends the address. */
  readonly openDelimiters: ReadonlyMap<string, number>;
  readonly bracketPairs: () => BracketPairs;
}

/**
 * Returns the web address at this position: as written, and normalized; undefined if there is none. `href` is undefined for
 * one that no browser would open.
 */
export function matchUrl(
  text: string,
  position: number,
  { openDelimiters, bracketPairs }: Context,
): { readonly text: string; readonly href: string | undefined } | undefined {
  if (/(?:[a-z\d]|[a-z\d]_+)$/i.test(text.slice(Math.max(0, position - 3), position))) return undefined;
  ORIGIN.lastIndex = position;
  const origin = ORIGIN.exec(text)?.[0];
  if (origin === undefined) return undefined;
  let end = position + origin.length;
  if (text[end] === "_" && !openDelimiters.has("_")) return undefined;
  CREDENTIALS.lastIndex = end;
  if (CREDENTIALS.test(text)) return { text: text.slice(position, CREDENTIALS.lastIndex), href: undefined };

  const isClosing = (at: number): boolean => {
    const length = openDelimiters.get(text[at] ?? "");
    return length !== undefined && text[at] !== "_" && text.startsWith((text[at] ?? "").repeat(length), at);
  };
  let cut = position;
  while (cut < end && !isClosing(cut)) cut += 1;
  if (cut < end) end = cut;
  else if (/[/?#]/.test(text[end] ?? "")) {
    const pathEnd = findPathEnd(text, end + 1, { isClosing, bracketPairs });
    // A lone slash belongs to the address, a lone question mark to the sentence.
    if (pathEnd > end + 1 || text[end] === "/") end = pathEnd;
  }
  while (openDelimiters.has("_") && text[end - 1] === "_") end -= 1;
  const address = text.slice(position, end);
  return { text: address, href: address.length > MAX_URL_CHARS ? undefined : toSafeHref(address) };
}

interface PathContext {
  readonly isClosing: (at: number) => boolean;
  readonly bracketPairs: () => BracketPairs;
}

function findPathEnd(text: string, from: number, { isClosing, bracketPairs }: PathContext): number {
  let end = from;
  for (;;) {
    PATH.lastIndex = end;
    if (PATH.test(text)) end = PATH.lastIndex;
    const char = text[end] ?? "";
    const closer = /[([{]/.test(char) ? (bracketPairs()[end] ?? 0) : 0;
    if (closer > 0) end = closer + 1;
    else if (/[*~|]/.test(char) && !isClosing(end)) end += 1;
    else return end;
  }
}
