/**
 * Parses a `Cookie` header. The first of several cookies with the same name wins, because browsers send the most
 * specific one first. A value that is not valid percent-encoding is returned undecoded.
 */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  if (header === undefined) return cookies;
  for (const part of header.split(";")) {
    const equals = part.indexOf("=");
    if (equals < 1) continue;
    const name = part.slice(0, equals).trim();
    if (name === "" || cookies.has(name)) continue;
    cookies.set(name, decodeValue(unquote(part.slice(equals + 1).trim())));
  }
  return cookies;
}

function unquote(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

function decodeValue(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
