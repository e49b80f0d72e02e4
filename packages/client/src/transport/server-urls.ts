/** Where a server's doors are. */
export interface ServerUrls {
  readonly socket: string;
  readonly me: string;
}

/** @throws TypeError when the address is missing where there is no page to take it from, or is not one of a chat server. */
export function serverUrls(url: string | URL | undefined): ServerUrls {
  const base = url ?? (typeof location === "object" ? location.origin : undefined);
  if (base === undefined) {
    throw new TypeError(
      "Expected the option url, as https://chat.example.org; outside a page there is no origin to take.",
    );
  }
  const parsed = new URL(base);
  const secure = { "http:": false, "ws:": false, "https:": true, "wss:": true }[parsed.protocol];
  if (secure === undefined) {
    throw new TypeError(`Expected a url with http, https, ws or wss, got ${JSON.stringify(String(base))}.`);
  }
  const rest = `${parsed.host}${parsed.pathname.replace(/\/+$/, "")}`;
  return {
    socket: `${secure ? "wss" : "ws"}://${rest}/ws`,
    me: `${secure ? "https" : "http"}://${rest}/api/me`,
  };
}
