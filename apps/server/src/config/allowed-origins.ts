import type { Config } from "./config.ts";

/**
 * Whether a page of this origin may speak to the server, on sockets and in requests that change something. The server's
 * own origin may: `PUBLIC_URL` where it is set, else the host that the request itself names (the scheme is not compared:
 * a proxy in front may have taken TLS off). So may the ones of `ALLOWED_ORIGINS`. `null`, the origin of sandboxed pages
 * and files, may never.
 */
export function isOriginAllowed(
  { publicUrl, allowedOrigins }: Pick<Config, "publicUrl" | "allowedOrigins">,
  origin: string,
  host: string | undefined,
): boolean {
  const url = URL.parse(origin);
  // What browsers send is exactly an origin; anything with more to it was made by hand.
  if (url === null || url.origin !== origin) return false;
  if (allowedOrigins.includes(origin)) return true;
  if (publicUrl !== null) return origin === publicUrl;
  return host !== undefined && url.host === URL.parse(`${url.protocol}//${host}`)?.host;
}
