/** The URLs of a chat server that the client uses. */
export interface ServerUrls {
  readonly socket: string;
  /** The HTTP API, without a slash at the end. */
  readonly api: string;
}

/**
 * Returns the URLs of the server at `url`, or of the page's origin.
 * @throws TypeError when `url` is missing outside a page, or has another scheme.
 */
export function serverUrls(url: string | URL | undefined): ServerUrls {
  const base = url ?? (typeof location === "object" ? location.origin : undefined);
  if (base === undefined) {
    throw new TypeError(
      "Expected the option url, such as https://chat.example.org; outside a page there is no origin to use.",
    );
  }
  const parsed = new URL(base);
  const isSecure = { "http:": false, "ws:": false, "https:": true, "wss:": true }[parsed.protocol];
  if (isSecure === undefined) {
    throw new TypeError(`Expected a url with http, https, ws or wss, got ${JSON.stringify(String(base))}.`);
  }
  const address = `${parsed.host}${parsed.pathname.replace(/\/+$/, "")}`;
  return {
    socket: `${isSecure ? "wss" : "ws"}://${address}/ws`,
    api: `${isSecure ? "https" : "http"}://${address}/api`,
  };
}
