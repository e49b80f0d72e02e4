import type { FastifyRequest } from "fastify";
import { Refusal } from "../../access/refusal.ts";
import type { Accounts, Actor } from "../../accounts/accounts.ts";
import type { App } from "../app.ts";

const BEARER = /^Bearer +(?<token>\S+)$/i;

/** The token of an `Authorization: Bearer` header. */
export function readBearerToken(request: FastifyRequest): string | undefined {
  return BEARER.exec(request.headers.authorization ?? "")?.groups?.token;
}

/** Finds out who asks, before the body is read. A bearer token speaks before the cookie. */
export function authenticateRequests(app: App, accounts: Pick<Accounts, "authenticate">): void {
  app.decorateRequest("actor", null);
  app.addHook("onRequest", async (request) => {
    const bearer = readBearerToken(request);
    const { cookie } = request.headers;
    if (bearer === undefined && cookie === undefined) return;
    request.actor = (await accounts.authenticate(bearer === undefined ? { cookie } : { bearer })) ?? null;
  });
}

/** Closes every route that does not say `access: "anyone"` to whoever is not signed in. */
export function requireSignIn(app: App): void {
  app.addHook("onRequest", async (request) => {
    if (request.is404 || request.routeOptions.config.access === "anyone") return;
    if (request.actor === null) throw new Refusal("USER_HAS_TO_LOGIN");
  });
}

/** @throws Refusal USER_HAS_TO_LOGIN. */
export function requireActor(request: FastifyRequest): Actor {
  if (request.actor === null) throw new Refusal("USER_HAS_TO_LOGIN");
  return request.actor;
}
