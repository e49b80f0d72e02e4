import { ERRORS, type ErrorCode } from "@multichat/protocol";
import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import type { AccountStore } from "../store/people/account-store.ts";
import type { Account, Actor } from "./accounts.ts";
import type { Passwords } from "./passwords.ts";
import { COOKIE_NAME } from "./session-cookie.ts";

/** What the library answers to a sign-in: the part that is used. */
const SIGNED_IN = z.object({ token: z.string(), user: z.object({ id: z.string() }) });

export interface AuthRouteParts {
  /** The library's own fetch handler. */
  readonly library: (request: Request) => Promise<Response>;
  readonly store: AccountStore;
  readonly passwords: Passwords;
  readonly schemas: Schemas["http"];
  readonly actorOf: (request: Request) => Promise<Actor | undefined>;
  readonly find: (id: string) => Promise<Account | undefined>;
}

type Route = (request: Request) => Promise<Response>;

/**
 * The routes under `/api/auth/`. The library signs in and out; of its many other routes none is open. Errors are of the
 * wire: `{ "error": { "code", "message" } }`.
 */
export class AuthRoutes {
  readonly #parts: AuthRouteParts;
  readonly #routes: ReadonlyMap<string, Route>;

  constructor(parts: AuthRouteParts) {
    this.#parts = parts;
    this.#routes = new Map<string, Route>([
      ["POST /api/auth/sign-in/username", (request) => this.#signIn(request)],
      ["POST /api/auth/sign-out", (request) => this.#signOut(request)],
      ["POST /api/auth/change-password", (request) => this.#changePassword(request)],
    ]);
  }

  async handle(request: Request): Promise<Response> {
    const route = this.#routes.get(`${request.method} ${new URL(request.url).pathname}`);
    return route === undefined ? refusal("NOT_FOUND") : route(request);
  }

  async #signIn(request: Request): Promise<Response> {
    const body = this.#parts.schemas.signIn.safeParse(await jsonOf(request));
    if (!body.success) return refusal("COMMAND_INVALID", "Expected a username and a password.");
    // Only these two: the library would also take an address to send the browser to.
    const response = await this.#parts.library(again(request, body.data));
    if (response.status >= 500) throw new Error(`expected the accounts library to answer, got ${response.status}`);
    if (!response.ok) return refusal("SIGN_IN_FAILED");
    const { token, user } = SIGNED_IN.parse(await response.json());
    const account = await this.#parts.find(user.id);
    if (account === undefined || !account.active) return refusal("SIGN_IN_FAILED");
    const { id, username, email, staff, superuser } = account;
    return withCookies(response, Response.json({ token, user: { id, username, email, staff, superuser } }));
  }

  async #signOut(request: Request): Promise<Response> {
    const actor = await this.#parts.actorOf(request);
    // By our own hand first: a session that came as a bearer token ends too, whatever the library makes of the request.
    if (actor?.session != null) await this.#parts.store.endSession(actor.id, actor.session);
    const response = await this.#parts.library(again(request, {}));
    return withCookies(response, Response.json({}));
  }

  /** Ours, not the library's: password and sessions change in one transaction, and the session that asks stays. */
  async #changePassword(request: Request): Promise<Response> {
    const { store, passwords, schemas } = this.#parts;
    const actor = await this.#parts.actorOf(request);
    if (actor === undefined) return refusal("USER_HAS_TO_LOGIN");
    const body = schemas.changePassword.safeParse(await jsonOf(request));
    if (!body.success)
      return refusal("COMMAND_INVALID", "Expected the current password and a new one that is long enough.");
    const { currentPassword, newPassword } = body.data;
    const from = await store.findPasswordHash(actor.id);
    if (from === undefined || !(await passwords.verify(from, currentPassword))) {
      return refusal("COMMAND_INVALID", "This is not your current password.");
    }
    const to = await passwords.hash(newPassword);
    const done = await store.setPassword({ id: actor.id, from, to, keep: actor.session });
    return done
      ? Response.json({})
      : refusal("COMMAND_INVALID", "The password was changed by somebody else meanwhile.");
  }
}

function again(request: Request, body: unknown): Request {
  const headers = new Headers(request.headers);
  headers.set("content-type", "application/json");
  headers.delete("content-length");
  return new Request(request.url, { method: "POST", headers, body: JSON.stringify(body) });
}

async function jsonOf(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return undefined;
  }
}

/** Passes on the session's cookie; the library also clears cookies of features that are off. */
function withCookies(from: Response, to: Response): Response {
  for (const cookie of from.headers.getSetCookie()) {
    if (cookie.startsWith(`${COOKIE_NAME}=`)) to.headers.append("set-cookie", cookie);
  }
  return to;
}

function refusal(code: ErrorCode, message: string = ERRORS[code].message): Response {
  return Response.json({ error: { code, message } }, { status: ERRORS[code].status });
}
