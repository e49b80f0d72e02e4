import { addressKey } from "../../access/address-key.ts";
import { Refusal } from "../../access/refusal.ts";
import type { App } from "../app.ts";

/** Limits requests per user, or per address without a session. Register it after `authenticateRequests`. */
export function limitRequests(app: App, perMinute: number): void {
  const count = app.createRateLimit({
    max: perMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => (request.actor === null ? `ip:${addressKey(request.ip)}` : `user:${request.actor.id}`),
  });
  app.addHook("onRequest", async (request) => {
    const counted = await count(request);
    if (!counted.isAllowed && counted.isExceeded) {
      throw new Refusal("RATE_LIMITED", undefined, { retryAfter: counted.ttlInSeconds });
    }
  });
}
