import type { FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";
import { addressKey } from "../../access/address-key.ts";
import { Refusal } from "../../access/refusal.ts";
import type { SharedLimits } from "../../access/shared-limits.ts";
import { TokenBucket } from "../../access/token-bucket.ts";
import { bodyCostOfBytes, headerCost, replyCost } from "../../access/work-cost.ts";
import type { App } from "../app.ts";
import { RequestTurns } from "./request-turns.ts";

const WINDOW_MS = 60_000;
/** Bounds the memory; an attacker needs a whole network to exceed it. Counted as sizes, see `SignInGuard`. */
const BOUNDS = { maxSize: 100_000, sizeCalculation: () => 1 } as const;

/** For one that came while too many of its user's waited. */
const BUSY_RETRY_SECONDS = 1;

/** Of what long bodies and replies cost beyond ordinary requests: ten seconds' worth at once. */
const WORK_BURST_SECONDS = 10;

interface Window {
  count: number;
  readonly endsAt: number;
}

/**
 * Limits requests per user, or per address without a session. What long bodies, headers and replies cost beyond an ordinary request, also
 * when they are refused, is paid by the waiting time until the next request. Requests of one user start one after another, so that many at
 * once do not stall the others. Register it after `authenticateRequests`.
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
  const rate = { burst: (WORK_BURST_SECONDS * perMinute) / 60, perSecond: perMinute / 60 };
  const works = new LRUCache<string, TokenBucket>(BOUNDS);
  const turns = new RequestTurns();
  const keyOf = (request: FastifyRequest) =>
    request.actor === null ? `ip:${addressKey(request.ip)}` : `user:${request.actor.id}`;
  shared?.onUsed("requests", (key, requests) => void count(key, requests));
  app.addHook("onRequest", async (request) => {
    const key = keyOf(request);
    const window = count(key, 1);
    shared?.use("requests", key, 1);
    if (window.count > perMinute) {
      const retryAfter = Math.max(1, Math.ceil((window.endsAt - performance.now()) / 1_000));
      throw new Refusal("RATE_LIMITED", undefined, { retryAfter });
    }
    const waitMs = works.get(key)?.waitMs(performance.now()) ?? 0;
    if (waitMs > 0) throw new Refusal("RATE_LIMITED", undefined, { retryAfter: Math.ceil(waitMs) / 1_000 });
    const turn = turns.take(key);
    if (turn === false) throw new Refusal("RATE_LIMITED", undefined, { retryAfter: BUSY_RETRY_SECONDS });
    if (turn !== undefined) await turn;
  });
  app.decorateRequest("replyCost", 0);
  app.addHook("onSend", async (request, _reply, payload) => {
    if (typeof payload === "string") request.replyCost = replyCost(payload);
  });
  app.addHook("onResponse", async (request) => {
    const cost = bodyCostOfBytes(request.bodyBytes) + headerCost(request.raw.rawHeaders) + request.replyCost;
    if (cost === 0) return;
    const key = keyOf(request);
    const work = works.get(key) ?? new TokenBucket(rate, performance.now());
    works.set(key, work);
    work.take(cost);
  });
}
