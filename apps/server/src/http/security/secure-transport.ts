import type { FastifyRequest } from "fastify";
import { readDeviceCookie } from "../../accounts/device-cookie.ts";
import { basePathOf } from "../../config/base-path.ts";
import type { Config } from "../../config/config.ts";
import { readSessionCookie, toSecureCookies } from "../../config/session-cookies.ts";
import type { App } from "../app.ts";

const HSTS_ONE_YEAR = "max-age=31536000";

/**
 * Whether the browser reaches the server over TLS: `PUBLIC_URL` says so, or a trusted proxy. The one source of the cookie's
 * `Secure`, of its name and of HSTS.
 */
function isSecure({ publicUrl }: Pick<Config, "publicUrl">, request: FastifyRequest): boolean {
  return publicUrl?.startsWith("https:") === true || request.protocol === "https";
}

/**
 * Adds HSTS, and reads and writes the session's cookie by its name for this transport. Of the other cookies, only that of the
 * device is read.
 */
export function addTransportSecurity(app: App, config: Pick<Config, "publicUrl">): void {
  const basePath = basePathOf(config.publicUrl);
  app.addHook("onRequest", async (request, reply) => {
    if (isSecure(config, request)) reply.header("strict-transport-security", HSTS_ONE_YEAR);
    const { cookie } = request.headers;
    const own = [readSessionCookie(cookie, basePath), readDeviceCookie(cookie)].filter((pair) => pair !== undefined);
    if (own.length === 0) delete request.headers.cookie;
    else request.headers.cookie = own.join("; ");
  });
  app.addHook("onSend", async (request, reply) => {
    const cookies = [reply.getHeader("set-cookie") ?? []].flat().map(String);
    if (cookies.length === 0 || !isSecure(config, request)) return;
    reply.removeHeader("set-cookie");
    reply.header("set-cookie", toSecureCookies(cookies, basePath));
  });
}
