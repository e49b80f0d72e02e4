import { setTimeout } from "node:timers/promises";
import type { FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";
import { addressKey } from "../../access/address-key.ts";
import type { Pacer } from "../../access/pacer.ts";
import { Refusal } from "../../access/refusal.ts";
import type { SharedLimits } from "../../access/shared-limits.ts";
import { TokenBucket } from "../../access/token-bucket.ts";
import { bodyCostOfBytes, headerCost, replyCost } from "../../access/work-cost.ts";
import type { App } from "../app.ts";
import { createRequestPacer } from "./request-pace.ts";
import { RequestTurns } from "./request-turns.ts";

const WINDOW_MS = 60_000;
/** Bounds the memory; an attacker needs a whole network to exceed it. Counted as sizes, see `SignInGuard`. */
const BOUNDS = { maxSize: 100_000, sizeCalculation: () => 1 } as const;

/** A body that takes as long to read as several requests, in bytes. */
const LONG_BODY_BYTES = 2_000;

/** Of what long bodies and replies cost beyond ordinary requests: ten seconds' worth at once. */
const WORK_BURST_SECONDS = 10;

export interface RequestLimitOptions {
  /** Holds back the refusals of those who ignore them. */
  readonly refusals: Pacer;
  /** Counts the requests to the other servers too. @default those to this process alone */
  readonly shared: Pick<SharedLimits, "use" | "onUsed"> | undefined;
}

interface Window {
  count: number;
  readonly endsAt: number;
}

/**
 * Limits requests per user, or per address without a session. What long bodies, headers and replies cost beyond an ordinary request, also
 * when they are refused, is paid by the waiting time until the next request. Requests of one user start one after another, and beyond five
 * times the limit no faster, so that many at once do not stall the others. Register it after `authenticateRequests`.
 */
export function limitRequests(app: App, perMinute: number, { refusals, shared }: RequestLimitOptions): void {
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
  const pacer = createRequestPacer(perMinute, "user");
  const keyOf = (request: FastifyRequest) =>
    request.actor === null ? `ip:${addressKey(request.ip)}` : `user:${request.actor.id}`;
  shared?.onUsed("requests", (key, requests) => void count(key, requests));
  app.addHook("onRoute", (route) => {
    route.config = { ...route.config, isLimited: true };
  });
  app.addHook("onRequest", async (request) => {
    const key = keyOf(request);
    request.isCounted = true;
    const window = count(key, 1);
    shared?.use("requests", key, 1);
    const now = performance.now();
    const waitMs = window.count > perMinute ? Math.max(1_000, window.endsAt - now) : (works.get(key)?.waitMs(now) ?? 0);
    if (waitMs > 0) {
      const delayMs = refusals.delayMs(key);
      if (delayMs > 0) await setTimeout(delayMs);
      throw new Refusal("RATE_LIMITED", undefined, { retryAfter: Math.ceil(waitMs) / 1_000 });
    }
    const delayMs = pacer.delayMs(key, { cost: 1 + announcedCost(request) });
    if (delayMs > 0) await setTimeout(delayMs);
    await turns.wait(key);
  });
  // Bodies that arrive at once are read one after another, each in a turn of its own.
  app.addHook("preValidation", async (request) => {
    if (request.bodyBytes > LONG_BODY_BYTES) await turns.wait(keyOf(request));
  });
  app.decorateRequest("replyCost", 0);
  app.addHook("onSend", async (request, _reply, payload) => {
    if (typeof payload === "string") request.replyCost = replyCost(payload);
  });
  app.addHook("onResponse", async (request) => {
    const cost =
      bodyCostOfBytes(request.bodyBytes) + headerCost(request.raw.rawHeaders, request.originalUrl) + request.replyCost;
    if (cost === 0) return;
    const key = keyOf(request);
    const work = works.get(key) ?? new TokenBucket(rate, performance.now());
    works.set(key, work);
    work.take(cost);
  });
}

/** Returns what a request costs beyond an ordinary one, as far as its headers show. A chunked body announces no length. */
function announcedCost({ raw, headers, originalUrl, routeOptions }: FastifyRequest): number {
  const bodyBytes = routeOptions.config.isStreamed === true ? 0 : Number(headers["content-length"]);
  return headerCost(raw.rawHeaders, originalUrl) + (Number.isFinite(bodyBytes) ? bodyCostOfBytes(bodyBytes) : 0);
}
