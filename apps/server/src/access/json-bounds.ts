/** Levels of objects and lists in each other; the chat's own have four. */
const MAX_DEPTH = 32;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const BACKSLASH = 0x5c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Members of objects and lists in an HTTP body or a frame, beside what grows with a limit: many more than any of ours has. */
export const MAX_JSON_MEMBERS = 1_000;

/**
 * Whether a text can be parsed as JSON in little time. 260 KB of brackets in each other take a hundred milliseconds, and as many
 * different keys nearly as long; this looks at each character once, and at none inside a string.
 */
export function isCheapJson(text: string, maxMembers: number = MAX_JSON_MEMBERS): boolean {
  if (text.length <= maxMembers) return true;
  let depth = 0;
  let members = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case COMMA:
        members += 1;
        break;
      case OPENING_BRACKET:
      case OPENING_BRACE:
        depth += 1;
        members += 1;
        break;
      case CLOSING_BRACKET:
      case CLOSING_BRACE:
        depth -= 1;
        break;
    }
    if (depth > MAX_DEPTH || members > maxMembers) return false;
  }
  return true;
}

/** Returns the position of the quotation mark that ends a string, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
