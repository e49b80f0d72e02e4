import type { FastifyReply, FastifyRequest } from "fastify";
import type { Accounts } from "../accounts/accounts.ts";
import { Refusal } from "../commands/refusal.ts";

/**
 * Hands a request on to the accounts' own routes: a fetch request with our JSON and the caller's cookie, from an address
 * that we have found out ourselves. Only what the routes of this folder name gets there.
 */
export function askAccounts(
  accounts: Pick<Accounts, "handle">,
  request: FastifyRequest,
  path: string,
  body: unknown,
): Promise<Response> {
  const headers = new Headers({ "content-type": "application/json", "x-forwarded-for": request.ip });
  for (const name of ["cookie", "authorization", "user-agent", "origin"] as const) {
    const value = request.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  const url = new URL(`/api/auth/${path}`, `${request.protocol}://${request.host || "localhost"}`);
  return accounts.handle(new Request(url, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** Passes on the cookies that the accounts set, and nothing else. */
export function passCookies(from: Response, to: FastifyReply): void {
  const cookies = from.headers.getSetCookie();
  if (cookies.length > 0) to.header("set-cookie", cookies);
}

/** A server that could not answer is a failure, not a wrong password. */
export function requireAnswer(response: Response): void {
  if (response.status >= 500) throw new Error(`expected the accounts to answer, got HTTP ${response.status}`);
  if (response.status === 429) throw new Refusal("RATE_LIMITED", undefined, { retryAfter: 60 });
}
