import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { emptyResponse, me, responses } from "../responses/response-schemas.ts";
import { forwardCookies, forwardToAccounts, readAccountsResponse } from "../security/auth-forwarding.ts";
import type { SignInGuard } from "../security/sign-in-guard.ts";

const signInResponse = z.object({
  token: z.string().meta({ description: "For `Authorization: Bearer`, where there are no cookies." }),
  user: me,
});

/** Of the accounts' own routes these two are open, and nothing else under `/api/auth/` reaches them. */
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
        tags: ["Signing in"],
        summary: "Sign in with a username and a password",
        description: "Sets the session cookie. A wrong username and a wrong password are told alike.",
        security: [],
        body: http.signIn,
        response: responses(200, signInResponse),
      },
    },
    async (request, reply) => {
      const { username, password } = request.body;
      const succeeded = guard.beginAttempt(request.ip, username);
      const response = await forwardToAccounts(accounts, request, "sign-in/username", { username, password });
      const answer = signInResponse.parse(await readAccountsResponse(response));
      succeeded();
      forwardCookies(response, reply);
      return answer;
    },
  );

  app.post(
    "/auth/sign-out",
    {
      config: { access: "anyone" },
      schema: {
        tags: ["Signing in"],
        summary: "Sign out",
        description:
          "Ends the session that the request comes with and closes its connections. Without one: nothing to do.",
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
