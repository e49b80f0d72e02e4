/** The paths that the server answers itself, and the beginnings of those of its pages. */
const OWN_PATH =
  /^\/(?:$|(?:api|assets|\.well-known|login|setup|rooms|search|admin|settings)(?:\/|$)|(?:ws|chat\/stream)\/?$|(?:healthz|readyz|metrics|favicon\.svg)$)/;

/** The own paths of sockets. */
const SOCKET_PATH = /^\/(?:ws|chat\/stream)\/?$/;

/** Returns the path of `PUBLIC_URL`, percent-encoded and without a slash at the end: empty where it has none. */
export function basePathOf(publicUrl: string | null): string {
  return publicUrl === null ? "" : new URL(publicUrl).pathname.replace(/\/$/, "");
}

/**
 * Returns how the target of a request is read when the chat is served under a path: without this path, if it begins with it.
 * A proxy may also have removed it already, so a target that does not begin with it stays as it is, and so does one that only
 * then names something of the server: below `/chat`, the target `/chat/stream/` is the classic socket, whose path was removed.
 */
export function makeTargetReader(basePath: string, kind: "page" | "socket" = "page"): (target: string) => string {
  if (basePath === "") return (target) => target;
  const own = kind === "socket" ? SOCKET_PATH : OWN_PATH;
  const base = basePath.slice(1).split("/").map(decodeSegment);
  return (target) => {
    const [path = "", query] = splitOnce(target, "?");
    const rest = withoutBase(path, base);
    if (rest === undefined || (own.test(path) && !own.test(rest))) return target;
    return query === undefined ? rest : `${rest}?${query}`;
  };
}

function withoutBase(path: string, base: readonly string[]): string | undefined {
  const segments = path.split("/");
  if (base.some((segment, index) => decodeSegment(segments[index + 1] ?? "") !== segment)) return undefined;
  return `/${segments.slice(base.length + 1).join("/")}`;
}

/** Some proxies send the bytes of a segment as they are, which Node reads as Latin-1. */
function decodeSegment(segment: string): string {
  const text = /[\u0080-\u00ff]/.test(segment) ? Buffer.from(segment, "latin1").toString() : segment;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
