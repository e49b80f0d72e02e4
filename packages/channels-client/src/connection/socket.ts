/**
 * The part of a WebSocket that the client uses. Those of browsers, of Node and of `ws` fit. The events are declared `never`
 * because each of them declares its own; the client reads `data` of a message, `code` and `reason` of a close, and nothing else.
 */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

/** A WebSocket class. */
export type SocketClass = new (url: string, protocols: string[]) => Socket;

/** How a token travels: as the subprotocol `bearer.<token>`, or as a parameter of the query. */
export type TokenPlace = "subprotocol" | { readonly query: string };

const BEARER_PREFIX = "bearer.";
const SCHEMES: Readonly<Record<string, string>> = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" };

/** Whether the address is relative and there is no page that says to what, as while a server renders. */
export function isWithoutPage(url: string | URL): boolean {
  return typeof location !== "object" && !URL.canParse(url) && URL.canParse(url, "ws://host");
}

/**
 * Returns the address as a WebSocket takes it.
 * @throws TypeError for a relative one outside a page, and for another scheme.
 */
export function socketUrl(url: string | URL): URL {
  const base = typeof location === "object" ? location.href : undefined;
  let resolved: URL;
  try {
    resolved = new URL(url, base);
  } catch {
    throw new TypeError(`Expected a url such as wss://chat.example.org/ws, got ${JSON.stringify(String(url))}.`);
  }
  const scheme = SCHEMES[resolved.protocol];
  if (scheme === undefined) {
    throw new TypeError(`Expected a url with ws, wss, http or https, got ${JSON.stringify(resolved.href)}.`);
  }
  // Assigning `protocol` does not change a special scheme in every runtime.
  const href = resolved.href.replace(resolved.protocol, scheme);
  // WebSockets refuse a fragment.
  return new URL(href.replace(/#.*$/s, ""));
}

/** @throws TypeError where there is none */
export function socketClass(option: SocketClass | undefined): SocketClass {
  const found = option ?? (globalThis.WebSocket as SocketClass | undefined);
  if (typeof found === "function") return found;
  throw new TypeError("Expected a global WebSocket (browsers, Node 22 or newer) or the option WebSocket.");
}

/** Adds a token to the address or to the subprotocols of a request. */
export function withToken(
  url: URL,
  subprotocols: readonly string[],
  token: string | undefined,
  place: TokenPlace,
): readonly [url: string, subprotocols: string[]] {
  if (token === undefined) return [url.href, [...subprotocols]];
  if (place === "subprotocol") return [url.href, [...subprotocols, BEARER_PREFIX + escapeToken(token)]];
  const withQuery = new URL(url);
  withQuery.searchParams.set(place.query, token);
  return [withQuery.href, [...subprotocols]];
}

/** Escapes what cannot be in a subprotocol (RFC 9110, section 5.6.2). A JSON Web Token stays as it is. */
function escapeToken(token: string): string {
  return encodeURIComponent(token).replace(/[()]/g, (character) => (character === "(" ? "%28" : "%29"));
}
