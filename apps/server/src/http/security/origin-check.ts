import { Refusal } from "../../access/refusal.ts";
import { isOriginAllowed } from "../../config/allowed-origins.ts";
import type { Config } from "../../config/config.ts";
import type { App } from "../app.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses requests that change something and come from another site's page: the browser sends the cookie with some of
 * them whatever we say. It also says where they come from: `Origin` (every browser, with every such request), or
 * `Sec-Fetch-Site`. Neither of the two: no browser, so nobody's cookie is being misused.
 */
export function rejectForeignOrigins(app: App, config: Pick<Config, "publicUrl" | "allowedOrigins">): void {
  app.addHook("onRequest", async (request) => {
    if (SAFE_METHODS.has(request.method)) return;
    const { origin } = request.headers;
    if (origin !== undefined) {
      if (!isOriginAllowed(config, origin, request.host)) throw new Refusal("ORIGIN_NOT_ALLOWED");
      return;
    }
    const site = request.headers["sec-fetch-site"];
    if (site === "cross-site" || site === "same-site") throw new Refusal("ORIGIN_NOT_ALLOWED");
  });
}
