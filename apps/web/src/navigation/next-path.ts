const PLACEHOLDER_ORIGIN = "http://here.invalid";

/**
 * Returns the page to show after signing in: the requested one if it is on this site, else `/`. Whatever a browser could take
 * for another site (`//evil`, `\evil`, `https:…`, hidden tabs and line breaks) becomes `/`.
 */
export function safeNextPath(requested: string | null | undefined): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers strip these, and `/<tab>/evil` would leave the site.
  if (!requested?.startsWith("/") || /[\\\u0000-\u001f\u007f]/.test(requested)) return "/";
  let url: URL;
  try {
    url = new URL(requested, PLACEHOLDER_ORIGIN);
  } catch {
    return "/";
  }
  // Checked after parsing too: `/.//evil` becomes `//evil` only then.
  if (url.origin !== PLACEHOLDER_ORIGIN || url.pathname.startsWith("//")) return "/";
  if (url.pathname === "/login" || url.pathname.startsWith("/api/")) return "/";
  return url.pathname + url.search + url.hash;
}

/** Returns the sign-in address that leads back to `from`. */
export function signInPath(from: string): string {
  const next = safeNextPath(from);
  return next === "/" ? "/login" : `/login?next=${encodeURIComponent(next)}`;
}
