import { Refusal } from "../../access/refusal.ts";
import { isOriginAllowed } from "../../config/allowed-origins.ts";
import type { Config } from "../../config/config.ts";
import type { App } from "../app.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Rejects requests that change something and come from a page of another site, with which a browser may send the session
 * cookie. Browsers send `Origin` with every such request, or `Sec-Fetch-Site`. A request with neither does not come from a
 * browser, so no cookie is being misused.
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
