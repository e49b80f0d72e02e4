/** The result of parsing a path. */
export type PathSegments =
  | { readonly kind: "segments"; readonly segments: readonly string[] }
  /** The percent-encoding is invalid, or the bytes are not UTF-8. */
  | { readonly kind: "malformed" }
  /** A decoded segment contains a slash or a control character. */
  | { readonly kind: "forbidden" };

// C0, DEL and C1.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression is there to find control characters.
const FORBIDDEN_CHARACTERS = /[/\u0000-\u001f\u007f-\u009f]/u;

/** Splits a path before decoding its segments, so that an encoded slash cannot become a separator. */
export function parsePathSegments(path: string): PathSegments {
  const raw = path.split("/");
  if (raw[0] !== "") return { kind: "forbidden" };
  const segments: string[] = [];
  for (const text of raw.slice(1)) {
    let segment = text;
    if (text.includes("%")) {
      try {
        segment = decodeURIComponent(text);
      } catch {
        return { kind: "malformed" };
      }
    }
    if (FORBIDDEN_CHARACTERS.test(segment)) return { kind: "forbidden" };
    segments.push(segment);
  }
  return { kind: "segments", segments };
}
