import { ERRORS, type ErrorCode } from "@multichat/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { Refusal } from "../../access/refusal.ts";
import type { Accounts } from "../../accounts/accounts.ts";
import { readOrigin } from "./identity.ts";

/**
 * Forwards a request to the routes of the accounts, with a validated body, the caller's credentials and the client address
 * that the server determined. Only the paths that our own routes pass can be reached.
 */
export function forwardToAccounts(
  accounts: Pick<Accounts, "handle">,
  request: FastifyRequest,
  path: string,
  body: unknown,
): Promise<Response> {
  const { address, request: id } = readOrigin(request);
  const headers = new Headers({ "content-type": "application/json", "x-forwarded-for": address, "x-request-id": id });
  for (const name of ["cookie", "authorization", "user-agent", "origin", "sec-fetch-site"] as const) {
    const value = request.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  const url = new URL(`/api/auth/${path}`, "http://localhost");
  return accounts.handle(new Request(url, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** Copies the cookies of a response, and no other headers. */
export function forwardCookies(from: Response, to: FastifyReply): void {
  const cookies = from.headers.getSetCookie();
  if (cookies.length > 0) to.header("set-cookie", cookies);
}

const errorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  }),
});

/**
 * Returns the JSON body of a response of the accounts.
 *
 * @throws Refusal for an error response.
 */
export async function readAccountsResponse(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  if (response.ok) return body;
  const { code, message, issues } = errorBody.parse(body).error;
  if (!isErrorCode(code)) throw new Error(`expected an error code of the protocol from the accounts, got ${code}`);
  throw new Refusal(code, message, { issues });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
