import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../../access/refusal.ts";
import type { Accounts, Actor, RequestOrigin } from "../../accounts/accounts.ts";
import type { App } from "../app.ts";

const BEARER = /^Bearer +(?<token>\S+)$/i;

/** Returns the token of an `Authorization: Bearer` header. */
export function readBearerToken({ headers }: Pick<IncomingMessage, "headers">): string | undefined {
  return BEARER.exec(headers.authorization ?? "")?.groups?.token;
}

/** Whether a request carries a session, before any route is known. */
export async function isSignedIn(
  request: Pick<IncomingMessage, "headers">,
  accounts: Pick<Accounts, "authenticate">,
): Promise<boolean> {
  const bearer = readBearerToken(request);
  const { cookie } = request.headers;
  if (bearer === undefined && cookie === undefined) return false;
  return (await accounts.authenticate(bearer === undefined ? { cookie } : { bearer })) !== undefined;
}

/** Sets `request.actor` before the body is read, and again before the request is handled. A bearer token takes precedence over the cookie. */
export function authenticateRequests(
  app: App,
  accounts: Pick<Accounts, "authenticate">,
  onSignedIn?: (socket: Socket) => void,
): void {
  app.decorateRequest("actor", null);
  const authenticate = (request: FastifyRequest) => authenticateRequest(request, accounts);
  app.addHook("onRequest", async (request) => {
    request.actor = await authenticate(request);
    if (request.actor !== null) onSignedIn?.(request.raw.socket);
  });
  // Since then the request may have waited for its turn, and half a minute for its body: the session or a right may be lost.
  app.addHook("preHandler", async (request) => {
    if (request.actor !== null) request.actor = await authenticate(request);
  });
}

async function authenticateRequest(
  request: FastifyRequest,
  accounts: Pick<Accounts, "authenticate">,
): Promise<Actor | null> {
  const bearer = readBearerToken(request);
  const { cookie } = request.headers;
  if (bearer === undefined && cookie === undefined) return null;
  return (await accounts.authenticate(bearer === undefined ? { cookie } : { bearer })) ?? null;
}

/**
 * Rejects requests without a session, except on routes with `access: "anyone"`, and of a user who has to choose a new password
 * first, except on those that this takes.
 */
export function requireSignIn(app: App): void {
  const check = async (request: FastifyRequest): Promise<void> => {
    if (request.is404 || request.routeOptions.config.access === "anyone") return;
    if (request.actor === null) throw new Refusal("USER_HAS_TO_LOGIN");
    if (request.actor.passwordChangeRequired === true && request.routeOptions.config.access !== "password-change") {
      throw new Refusal("PASSWORD_CHANGE_REQUIRED");
    }
  };
  app.addHook("onRequest", check);
  app.addHook("preHandler", check);
}

/** Returns the signed-in user. @throws Refusal USER_HAS_TO_LOGIN. */
export function requireActor(request: Pick<FastifyRequest, "actor" | "ip" | "id">): Actor {
  if (request.actor === null) throw new Refusal("USER_HAS_TO_LOGIN");
  return { ...request.actor, origin: readOrigin(request) };
}

/**
 * Returns the signed-in user as of now, where a body has arrived since the handler was called.
 *
 * @throws Refusal USER_HAS_TO_LOGIN, PASSWORD_CHANGE_REQUIRED.
 */
export async function requireActorAgain(
  request: FastifyRequest,
  accounts: Pick<Accounts, "authenticate">,
): Promise<Actor> {
  request.actor = await authenticateRequest(request, accounts);
  const actor = requireActor(request);
  if (actor.passwordChangeRequired === true) throw new Refusal("PASSWORD_CHANGE_REQUIRED");
  return actor;
}

/** Returns where a request comes from, for the audit log. */
export function readOrigin({ ip, id }: Pick<FastifyRequest, "ip" | "id">): RequestOrigin {
  return { address: ip, request: String(id) };
}
