import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { emptyResponse, me, responses } from "../responses/response-schemas.ts";
import { forwardCookies, forwardToAccounts, readAccountsResponse } from "../security/auth-forwarding.ts";
import type { SignInGuard } from "../security/sign-in-guard.ts";

const signInResponse = z.object({
  token: z
    .string()
    .optional()
    .meta({ description: "For `Authorization: Bearer`. Browsers get it with `?token=1` only, other clients always." }),
  user: me,
});

/** Exposes these two routes of the accounts; no other path under `/api/auth/` reaches them. */
export function addAuthRoutes(
  app: App,
  { context: { accounts } }: Pick<HttpDeps, "context">,
  { http }: Schemas,
  guard: SignInGuard,
): void {
  app.post(
    "/auth/sign-in/username",
    {
      config: { access: "anyone" },
      schema: {
        tags: ["Authentication"],
        summary: "Sign in with a username and a password",
        description:
          "Sets the session cookie and ends the session that the request came with. A wrong username and a wrong password get the same error.",
        security: [],
        querystring: z.strictObject({
          token: z.literal("1").optional().meta({ description: "Returns the token too." }),
        }),
        body: http.signIn,
        response: responses(200, signInResponse),
      },
    },
    async (request, reply) => {
      const { username, password } = request.body;
      const { device, addresses } = await accounts.findSignInOrigin(username, request.headers.cookie);
      const markSucceeded = guard.beginAttempt({ address: request.ip, username, device, knownAddresses: addresses });
      const path = request.query.token === undefined ? "sign-in/username" : "sign-in/username?token=1";
      const response = await forwardToAccounts(accounts, request, path, { username, password });
      const result = signInResponse.parse(await readAccountsResponse(response));
      markSucceeded();
      forwardCookies(response, reply);
      return result;
    },
  );

  app.post(
    "/auth/sign-out",
    {
      config: { access: "anyone" },
      schema: {
        tags: ["Authentication"],
        summary: "Sign out",
        description: "Ends the session of the request and closes its connections. Does nothing without a session.",
        response: responses(200, emptyResponse),
      },
    },
    async (request, reply) => {
      const response = await forwardToAccounts(accounts, request, "sign-out", {});
      await readAccountsResponse(response);
      forwardCookies(response, reply);
      return {};
    },
  );
}
