/** What a path became when it was taken apart. */
export type PathSegments =
  | { readonly kind: "segments"; readonly segments: readonly string[] }
  /** Percent-encoding that is broken, or bytes that are not UTF-8. */
  | { readonly kind: "malformed" }
  /** A decoded segment with a slash or a control character: no resource has such a name. */
  | { readonly kind: "forbidden" };

// C0, DEL and C1.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const FORBIDDEN_CHARACTERS = /[/\u0000-\u001f\u007f-\u009f]/u;

/** Decodes a path segment by segment, so that an encoded slash can never become a separator. */
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
