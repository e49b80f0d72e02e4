import { ERRORS, type ErrorCode } from "@multichat/protocol";
import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import type { AccountStore } from "../store/people/account-store.ts";
import type { Account, Actor } from "./accounts.ts";
import type { Passwords } from "./passwords.ts";
import { COOKIE_NAME } from "./session-cookie.ts";

/** The used part of the library's response to a sign-in. */
const SIGN_IN_RESPONSE = z.object({ token: z.string(), user: z.object({ id: z.string() }) });

export interface AuthRouteOptions {
  /** The fetch handler of the library. */
  readonly library: (request: Request) => Promise<Response>;
  readonly store: AccountStore;
  readonly passwords: Passwords;
  readonly schemas: Schemas["http"];
  readonly authenticate: (request: Request) => Promise<Actor | undefined>;
  readonly find: (id: string) => Promise<Account | undefined>;
}

type Route = (request: Request) => Promise<Response>;

/**
 * The routes under `/api/auth/`. The library handles sign-in and sign-out; none of its other routes can be reached. Errors
 * have the shape of the protocol: `{ "error": { "code", "message" } }`.
 */
export class AuthRoutes {
  readonly #options: AuthRouteOptions;
  readonly #routes: ReadonlyMap<string, Route>;

  constructor(parts: AuthRouteOptions) {
    this.#options = parts;
    this.#routes = new Map<string, Route>([
      ["POST /api/auth/sign-in/username", (request) => this.#signIn(request)],
      ["POST /api/auth/sign-out", (request) => this.#signOut(request)],
      ["POST /api/auth/change-password", (request) => this.#changePassword(request)],
    ]);
  }

  async handle(request: Request): Promise<Response> {
    const route = this.#routes.get(`${request.method} ${new URL(request.url).pathname}`);
    return route === undefined ? errorResponse("NOT_FOUND") : route(request);
  }

  async #signIn(request: Request): Promise<Response> {
    const body = this.#options.schemas.signIn.safeParse(await readJson(request));
    if (!body.success) return errorResponse("COMMAND_INVALID", "Expected a username and a password.");
    // Passes these two fields only: the library would also accept a URL to redirect to.
    const response = await this.#options.library(withBody(request, body.data));
    if (response.status >= 500)
      throw new Error(`expected the accounts library to respond, got status ${response.status}`);
    if (!response.ok) return errorResponse("SIGN_IN_FAILED");
    const { token, user } = SIGN_IN_RESPONSE.parse(await response.json());
    const account = await this.#options.find(user.id);
    if (account === undefined || !account.active) return errorResponse("SIGN_IN_FAILED");
    const { id, username, email, staff, superuser } = account;
    return copySessionCookie(response, Response.json({ token, user: { id, username, email, staff, superuser } }));
  }

  async #signOut(request: Request): Promise<Response> {
    const actor = await this.#options.authenticate(request);
    // Ends the session here first, because the library ignores a session from a bearer token.
    if (actor?.session != null) await this.#options.store.endSession({ user: actor.id, session: actor.session });
    const response = await this.#options.library(withBody(request, {}));
    return copySessionCookie(response, Response.json({}));
  }

  /** Not the library's, so that the password and the sessions change in one transaction, and the caller's session stays. */
  async #changePassword(request: Request): Promise<Response> {
    const { store, passwords, schemas } = this.#options;
    const actor = await this.#options.authenticate(request);
    if (actor === undefined) return errorResponse("USER_HAS_TO_LOGIN");
    const body = schemas.changePassword.safeParse(await readJson(request));
    if (!body.success)
      return errorResponse("COMMAND_INVALID", "Expected the current password and a new password of sufficient length.");
    const { currentPassword, newPassword } = body.data;
    const currentHash = await store.findPasswordHash({ id: actor.id });
    if (currentHash === undefined || !(await passwords.verify(currentHash, currentPassword))) {
      return errorResponse("COMMAND_INVALID", "Wrong current password.");
    }
    const newHash = await passwords.hash(newPassword);
    const changed = await store.setPassword({ id: actor.id, from: currentHash, to: newHash, keep: actor.session });
    return changed
      ? Response.json({})
      : errorResponse("COMMAND_INVALID", "The password was changed at the same time. Try again.");
  }
}

function withBody(request: Request, body: unknown): Request {
  const headers = new Headers(request.headers);
  headers.set("content-type", "application/json");
  headers.delete("content-length");
  return new Request(request.url, { method: "POST", headers, body: JSON.stringify(body) });
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return undefined;
  }
}

/** Copies the session cookie only; the library also clears cookies of disabled features. */
function copySessionCookie(from: Response, to: Response): Response {
  for (const cookie of from.headers.getSetCookie()) {
    if (cookie.startsWith(`${COOKIE_NAME}=`)) to.headers.append("set-cookie", cookie);
  }
  return to;
}

function errorResponse(code: ErrorCode, message: string = ERRORS[code].message): Response {
  return Response.json({ error: { code, message } }, { status: ERRORS[code].status });
}
