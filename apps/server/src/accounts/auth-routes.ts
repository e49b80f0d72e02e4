import { ERRORS, type ErrorCode } from "@multichat/protocol";
import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import type { AccountStore } from "../store/people/account-store.ts";
import { hashSessionToken } from "../store/people/session-token.ts";
import type { Account, Actor } from "./accounts.ts";
import { auditSource, readOrigin } from "./audit-source.ts";
import type { LibrarySignIn } from "./auth-library.ts";
import type { DeviceCookie } from "./device-cookie.ts";
import { explainWeakPassword } from "./password-policy.ts";
import type { Passwords } from "./passwords.ts";
import type { SessionCookie } from "./session-cookie.ts";

/** The used part of the library's response to a sign-in. */
const SIGN_IN_RESPONSE = z.object({ user: z.object({ id: z.string() }) });

export interface AuthRouteOptions {
  /** Signs in by the library. */
  readonly library: (request: Request) => Promise<LibrarySignIn>;
  readonly sessionCookie: SessionCookie;
  readonly deviceCookie: DeviceCookie;
  readonly store: AccountStore;
  readonly passwords: Passwords;
  readonly schemas: Schemas["http"];
  readonly authenticate: (request: Request) => Promise<Actor | undefined>;
  readonly find: (id: string) => Promise<Account | undefined>;
}

type Route = (request: Request) => Promise<Response>;

/**
 * The routes under `/api/auth/`. The library handles the sign-in; none of its other routes can be reached. Errors have the shape of the protocol: `{ "error": { "code", "message" } }`.
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
    const previous = await this.#options.authenticate(request);
    // Passes these two fields only: the library would also accept a URL to redirect to.
    const { response, token } = await this.#signInBy(request, body.data);
    if (response.status >= 500)
      throw new Error(`expected the accounts library to respond, got status ${response.status}`);
    if (!response.ok) return errorResponse("SIGN_IN_FAILED");
    const { user } = SIGN_IN_RESPONSE.parse(await response.json());
    const account = await this.#options.find(user.id);
    if (account === undefined || !account.active || token === undefined) return errorResponse("SIGN_IN_FAILED");
    const { store, sessionCookie, deviceCookie } = this.#options;
    const tokenHash = hashSessionToken(token);
    const by = { ...auditSource(account), ...readOrigin(request) };
    await store.replaceSession({ user: account.id, tokenHash, previous: previous?.session ?? null, by });
    const { id, username, email, staff, superuser, passwordChangeRequired } = account;
    const flag = passwordChangeRequired ? { passwordChangeRequired } : {};
    const wantsToken = new URL(request.url).searchParams.get("token") === "1" || !isFromBrowser(request);
    const answer = Response.json({
      ...(wantsToken ? { token } : {}),
      user: { id, username, email, staff, superuser, ...flag },
    });
    answer.headers.append("set-cookie", sessionCookie.toSetCookie(token));
    answer.headers.append(
      "set-cookie",
      deviceCookie.toSetCookie(request.headers.get("cookie") ?? undefined, account.id),
    );
    return answer;
  }

  /** Signs in with the name in any spelling or, if another account has that name too, with the one exactly as it is shown. */
  async #signInBy(request: Request, body: { readonly username: string; readonly password: string }) {
    const { library, store } = this.#options;
    const signIn = await library(withBody(request, body));
    if (signIn.response.ok || signIn.response.status >= 500) return signIn;
    const username = await store.findSharedKey({ username: body.username });
    return username === undefined ? signIn : library(withBody(request, { ...body, username }));
  }

  async #signOut(request: Request): Promise<Response> {
    const actor = await this.#options.authenticate(request);
    if (actor?.session != null) {
      const by = { ...auditSource(actor, { action: "sign-out" }), ...readOrigin(request) };
      await this.#options.store.endSession({ user: actor.id, session: actor.session, by });
    }
    return Response.json({}, { headers: { "set-cookie": this.#options.sessionCookie.toClearingCookie() } });
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
      // Repeated after a lost reply. Who has to choose another password has not done so yet.
      const isRepeated =
        currentHash !== undefined &&
        actor.passwordChangeRequired !== true &&
        (await passwords.verify(currentHash, newPassword));
      if (isRepeated) return Response.json({});
      return errorResponse("COMMAND_INVALID", "Wrong current password.", "currentPassword");
    }
    if (newPassword === currentPassword) {
      return errorResponse("COMMAND_INVALID", "Choose a password that differs from the current one.", "newPassword");
    }
    const weakness = await explainWeakPassword(newPassword, { username: actor.username });
    if (weakness !== undefined) return errorResponse("COMMAND_INVALID", weakness, "newPassword");
    const newHash = await passwords.hash(newPassword);
    const changed = await store.setPassword({
      id: actor.id,
      from: currentHash,
      to: newHash,
      keep: actor.session,
      by: { ...auditSource(actor), ...readOrigin(request) },
    });
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

/** Browsers send one of these headers with every POST; the token is no use to a page, which has the cookie. */
function isFromBrowser({ headers }: Request): boolean {
  return headers.has("origin") || headers.has("sec-fetch-site");
}

/** @param field The field of the body that is wrong. */
function errorResponse(code: ErrorCode, message: string = ERRORS[code].message, field?: string): Response {
  const issues = field === undefined ? {} : { issues: [{ path: field, message }] };
  return Response.json({ error: { code, message, ...issues } }, { status: ERRORS[code].status });
}
