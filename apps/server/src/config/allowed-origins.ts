import type { Config } from "./config.ts";

/**
 * Returns whether a page of this origin can open sockets and send requests that change something. Allowed are the origins in
 * `ALLOWED_ORIGINS` and the server's own: that of `PUBLIC_URL` if it is set, otherwise the host of the request (any scheme, because
 * a proxy may terminate TLS). `null`, the origin of sandboxed pages and files, is never allowed.
 */
export function isOriginAllowed(
  { publicUrl, allowedOrigins }: Pick<Config, "publicUrl" | "allowedOrigins">,
  origin: string,
  host: string | undefined,
): boolean {
  const url = URL.parse(origin);
  // Browsers send exactly an origin, never a longer URL.
  if (url === null || url.origin !== origin) return false;
  if (allowedOrigins.includes(origin)) return true;
  if (publicUrl !== null) return origin === new URL(publicUrl).origin;
  return host !== undefined && url.host === URL.parse(`${url.protocol}//${host}`)?.host;
}
