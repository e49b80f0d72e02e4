import { ERRORS, type ErrorCode } from "@multichat/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { Refusal } from "../../access/refusal.ts";
import type { Accounts } from "../../accounts/accounts.ts";

/**
 * Hands a request on to the accounts' own routes: a fetch request with our JSON and the caller's cookie, from an address
 * that we have found out ourselves. Only what the routes of this folder name gets there.
 */
export function forwardToAccounts(
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
  const url = new URL(`/api/auth/${path}`, "http://localhost");
  return accounts.handle(new Request(url, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** Passes on the cookies that the accounts set, and nothing else. */
export function forwardCookies(from: Response, to: FastifyReply): void {
  const cookies = from.headers.getSetCookie();
  if (cookies.length > 0) to.header("set-cookie", cookies);
}

const errorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/**
 * What the accounts answered, in JSON.
 *
 * @throws Refusal where they refused.
 */
export async function readAccountsResponse(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  if (response.ok) return body;
  const { code, message } = errorBody.parse(body).error;
  if (!isErrorCode(code)) throw new Error(`expected the accounts to answer with a code of the protocol, got ${code}`);
  throw new Refusal(code, message);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
