export type Segment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

// biome-ignore lint/suspicious/noControlCharactersInRegex: they end an address, and so do the marks that turn its direction.
const CANDIDATE = /\bhttps?:\/\/[^\s<>"'`\u0000-\u0020\u200e\u200f\u202a-\u202e\u2066-\u2069]+/giu;
const CLOSERS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Cuts what belongs to the sentence and not to the address: a full stop, a closing bracket that was not opened in it. */
function trimEnd(address: string): string {
  const counts = new Map<string, number>();
  for (const char of address) counts.set(char, (counts.get(char) ?? 0) + 1);
  let end = address.length;
  while (end > 0) {
    const last = address[end - 1] ?? "";
    const opener = CLOSERS[last];
    const closed = counts.get(last) ?? 0;
    const unopened = opener !== undefined && closed > (counts.get(opener) ?? 0);
    if (!unopened && !/[.,;:!?…'"*_~»”’、。，！？]/u.test(last)) break;
    counts.set(last, closed - 1);
    end -= 1;
  }
  return address.slice(0, end);
}

/** Only what a browser itself reads as http or https, without a name and password in it that could pose as a host. */
function hrefOf(address: string): string | undefined {
  try {
    const url = new URL(address);
    const plain = (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "";
    return plain ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** @returns the text in pieces, web addresses among them as links. Put together they are the text again. */
export function linkify(text: string): Segment[] {
  const segments: Segment[] = [];
  let done = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const address = trimEnd(match[0]);
    const href = hrefOf(address);
    if (href === undefined) continue;
    if (match.index > done) segments.push({ kind: "text", text: text.slice(done, match.index) });
    segments.push({ kind: "link", text: address, href });
    done = match.index + address.length;
  }
  if (done < text.length) segments.push({ kind: "text", text: text.slice(done) });
  return segments;
}
