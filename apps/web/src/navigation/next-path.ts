const PLACEHOLDER_ORIGIN = "http://here.invalid";

/**
 * Where to go after signing in: the page that was asked for, if it is one of ours. Anything that a browser could take for
 * another site (`//evil`, `\evil`, `https:…`, hidden tabs and line breaks) is answered with `/`.
 */
export function safeNextPath(requested: string | null | undefined): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers drop these from addresses, and then `/<tab>/evil` leaves.
  if (!requested?.startsWith("/") || /[\\\u0000-\u001f\u007f]/.test(requested)) return "/";
  let url: URL;
  try {
    url = new URL(requested, PLACEHOLDER_ORIGIN);
  } catch {
    return "/";
  }
  // Checked after parsing: `/.//evil` becomes `//evil` only then.
  if (url.origin !== PLACEHOLDER_ORIGIN || url.pathname.startsWith("//")) return "/";
  if (url.pathname === "/login" || url.pathname.startsWith("/api/")) return "/";
  return url.pathname + url.search + url.hash;
}

/** @returns the sign-in address that comes back to where one is now. */
export function signInPath(from: string): string {
  const next = safeNextPath(from);
  return next === "/" ? "/login" : `/login?next=${encodeURIComponent(next)}`;
}
