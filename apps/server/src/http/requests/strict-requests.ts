import type { FastifyRequest } from "fastify";
import { Refusal } from "../../access/refusal.ts";
import type { App } from "../app.ts";
import { isHost, readAbsoluteTarget } from "./absolute-target.ts";

/**
 * Headers that identify the caller, its origin or the content. If one is repeated, Node reads the first, and a proxy perhaps another. The
 * lists of proxies (`X-Forwarded-…`) can be in several headers, and are read as one; so can `Cookie`, whose names are checked.
 */
const SINGLE_HEADERS = ["Host", "Authorization", "Origin", "Content-Type", "Sec-Fetch-Site"] as const;

const SINGLE_NAMES: ReadonlyMap<string, string> = new Map(SINGLE_HEADERS.map((name) => [name.toLowerCase(), name]));
const LONGEST_NAME = Math.max(...SINGLE_HEADERS.map(({ length }) => length));

/** Returns a header that has to be single and is not. Node's own list of them takes a millisecond where there are very many. */
function findRepeated(raw: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (let index = 0; index < raw.length; index += 2) {
    const given = raw[index] ?? "";
    const name = given.length > LONGEST_NAME ? undefined : SINGLE_NAMES.get(given.toLowerCase());
    if (name === undefined) continue;
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}

/** Returns the header as it came: `headers.host` is that of an absolute target where there is one. */
function findHost(raw: readonly string[]): string | undefined {
  const at = raw.findIndex((text, index) => index % 2 === 0 && text.length === 4 && text.toLowerCase() === "host");
  return at === -1 ? undefined : raw[at + 1];
}

/** Parameters of a request; the API reads ten at most. */
const MAX_PARAMETERS = 50;

/** Removes a query of so many parameters that reading it takes long: the request is refused. */
export function withoutLongQuery(target: string): string {
  return hasLongQuery(target) ? target.slice(0, target.indexOf("?")) : target;
}

function hasLongQuery(target: string): boolean {
  let at = target.indexOf("?");
  for (let count = 0; at !== -1; count += 1) {
    if (count >= MAX_PARAMETERS) return true;
    at = target.indexOf("&", at + 1);
  }
  return false;
}

/** Refuses requests that a proxy and this server could read differently. */
export function refuseAmbiguousRequests(app: App): void {
  app.addHook("onRequest", async (request) => {
    const repeated = findRepeated(request.raw.rawHeaders);
    if (repeated !== undefined) throw new Refusal("COMMAND_INVALID", `Expected one ${repeated} header, got several.`);
    const host = findHost(request.raw.rawHeaders);
    const hasValidTarget = readAbsoluteTarget(request.originalUrl, "request")?.isHostValid !== false;
    if (!isHost(host ?? "") || !hasValidTarget) {
      throw new Refusal(
        "COMMAND_INVALID",
        `Expected a host and an optional port in ${hasValidTarget ? "the Host header" : "the request target"}, got something else.`,
      );
    }
    // HTTP/1.0 has no such header.
    if (host === undefined && request.raw.httpVersion !== "1.0") {
      throw new Refusal("COMMAND_INVALID", "Expected one Host header, got none.");
    }
    if (hasLongQuery(request.originalUrl)) {
      throw new Refusal("COMMAND_INVALID", `Expected at most ${MAX_PARAMETERS} parameters after the path, got more.`);
    }
    if (!isQueryUtf8(request)) {
      throw new Refusal("COMMAND_INVALID", "Expected a query in percent-encoded UTF-8, got other bytes.");
    }
  });
}

/** Refuses the parameters of routes that read none: a misspelled or misplaced one would be ignored silently. */
export function refuseUnreadParameters(app: App): void {
  app.addHook("preValidation", async (request) => {
    if (request.is404 || request.routeOptions.schema?.querystring !== undefined) return;
    const [name] = Object.keys(request.query as object);
    if (name === undefined) return;
    throw new Refusal(
      "COMMAND_INVALID",
      `Expected no parameters after the path, got ${JSON.stringify(name.slice(0, 40))}.`,
    );
  });
}

function isQueryUtf8({ url }: FastifyRequest): boolean {
  const start = url.indexOf("?");
  if (start === -1) return true;
  try {
    decodeURIComponent(url.slice(start + 1));
    return true;
  } catch {
    return false;
  }
}
