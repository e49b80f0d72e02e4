import { LRUCache } from "lru-cache";
import { addressKey } from "../../access/address-key.ts";
import { Refusal } from "../../access/refusal.ts";
import type { SharedLimits } from "../../access/shared-limits.ts";
import type { App } from "../app.ts";

const WINDOW_MS = 60_000;
/** Bounds the memory; an attacker needs a whole network to exceed it. Counted as sizes, see `SignInGuard`. */
const BOUNDS = { maxSize: 100_000, sizeCalculation: () => 1 } as const;

interface Window {
  count: number;
  readonly endsAt: number;
}

/**
 * Limits requests per user, or per address without a session. Register it after `authenticateRequests`.
 *
 * @param shared counts the requests to the other servers too. @default those to this process alone
 */
export function limitRequests(
  app: App,
  perMinute: number,
  shared?: Pick<SharedLimits, "use" | "onUsed"> | undefined,
): void {
  const windows = new LRUCache<string, Window>(BOUNDS);
  const count = (key: string, requests: number): Window => {
    const now = performance.now();
    const current = windows.get(key);
    const window = current !== undefined && current.endsAt > now ? current : { count: 0, endsAt: now + WINDOW_MS };
    window.count += requests;
    if (window !== current) windows.set(key, window);
    return window;
  };
  shared?.onUsed("requests", (key, requests) => void count(key, requests));
  app.addHook("onRequest", async (request) => {
    const key = request.actor === null ? `ip:${addressKey(request.ip)}` : `user:${request.actor.id}`;
    const window = count(key, 1);
    shared?.use("requests", key, 1);
    if (window.count > perMinute) {
      const retryAfter = Math.max(1, Math.ceil((window.endsAt - performance.now()) / 1_000));
      throw new Refusal("RATE_LIMITED", undefined, { retryAfter });
    }
  });
}
