import { setTimeout } from "node:timers/promises";
import { addressKey } from "../../access/address-key.ts";
import { Pacer } from "../../access/pacer.ts";
import type { App } from "../app.ts";
import { RequestTurns } from "./request-turns.ts";

/** How much faster than in the long run requests may come: those of one user to the API, and those of an address to everything else. */
const PEAKS = { user: 5, address: 10 } as const;
/** Seconds of the limit, or of the peak, that come without a delay. */
const REFUSALS_AT_ONCE_SECONDS = 2;
const REQUESTS_AT_ONCE_SECONDS = 0.5;
/** Requests of one address that wait for their turn: behind it there can be many users. */
const MAX_WAITING_OF_ADDRESS = 2_048;

/** Holds back the refusals of those who ignore them, also of requests that no limit can count. */
export function createRefusalPacer(perMinute: number): Pacer {
  const perSecond = perMinute / 60;
  return new Pacer({ burst: REFUSALS_AT_ONCE_SECONDS * perSecond, perSecond });
}

/** Spreads requests, of which a minute's worth could come within a second. */
export function createRequestPacer(perMinute: number, kind: keyof typeof PEAKS): Pacer {
  const perSecond = (PEAKS[kind] * perMinute) / 60;
  return new Pacer({ burst: REQUESTS_AT_ONCE_SECONDS * perSecond, perSecond });
}

/**
 * Starts one request of each address in a turn of the event loop, and holds those back that come faster than ten times the limit of the
 * API, by two seconds at most. Pages, their files, health checks, preflights and paths that do not exist count; the API has the limit of
 * its users.
 */
export function paceRequests(app: App, perMinute: number): void {
  const turns = new RequestTurns(MAX_WAITING_OF_ADDRESS);
  const pacer = createRequestPacer(perMinute, "address");
  app.decorateRequest("isCounted", false);
  app.addHook("onRequest", async (request) => {
    if (request.routeOptions.config?.isLimited === true) return;
    request.isCounted = true;
    const key = `ip:${addressKey(request.ip)}`;
    const delayMs = pacer.delayMs(key);
    if (delayMs > 0) await setTimeout(delayMs);
    await turns.wait(key);
  });
}
