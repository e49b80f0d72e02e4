// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters and direction marks end an address.
const URL_CANDIDATE = /https?:\/\/[^\s<>"'`\u0000-\u0020\u200e\u200f\u202a-\u202e\u2066-\u2069]{1,4096}/iuy;
/** Longer addresses stay text: no address bar shows them. */
const MAX_URL_CHARS = 4096;
const OPENER_OF: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

const SENTENCE_PUNCTUATION = /[.,;:!?…'"*_~»”’、。，！？]/u;

/** Cuts punctuation of the sentence: a full stop, or a closing bracket that the address did not open. */
function trimSentenceEnd(address: string): string {
  // Counted only when the address ends with a bracket, and once.
  let unclosed: Map<string, number> | undefined;
  let end = address.length;
  while (end > 0) {
    const last = address[end - 1] ?? "";
    const opener = OPENER_OF[last];
    if (opener === undefined) {
      if (!SENTENCE_PUNCTUATION.test(last)) break;
    } else {
      unclosed ??= countUnclosed(address);
      const open = unclosed.get(opener) ?? 0;
      if (open >= 0) break;
      unclosed.set(opener, open + 1);
    }
    end -= 1;
  }
  return address.slice(0, end);
}

/** Counts, for each opening bracket, how many remain unclosed. */
function countUnclosed(address: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [opened] of address.matchAll(/[([{]/g)) counts.set(opened, (counts.get(opened) ?? 0) + 1);
  for (const [closed] of address.matchAll(/[)\]}]/g)) {
    const opener = OPENER_OF[closed] ?? "";
    counts.set(opener, (counts.get(opener) ?? 0) - 1);
  }
  return counts;
}

const WEB_SCHEMES = ["https:", "http:"];

/**
 * Returns the normalized address if its scheme is allowed, else undefined. Addresses with a name and password are rejected,
 * since these could pose as a host.
 */
export function toSafeHref(address: string, schemes: readonly string[] = WEB_SCHEMES): string | undefined {
  try {
    const url = new URL(address);
    const hasNoCredentials = url.username === "" && url.password === "";
    return hasNoCredentials && schemes.includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the web address at this position, if there is one: as written, and normalized. */
export function matchUrl(text: string, position: number): { readonly text: string; readonly href: string } | undefined {
  if (position > 0 && /\w/.test(text[position - 1] ?? "")) return undefined;
  URL_CANDIDATE.lastIndex = position;
  const candidate = URL_CANDIDATE.exec(text)?.[0];
  if (candidate === undefined || candidate.length > MAX_URL_CHARS) return undefined;
  const address = trimSentenceEnd(candidate);
  const href = toSafeHref(address);
  return href === undefined ? undefined : { text: address, href };
}
