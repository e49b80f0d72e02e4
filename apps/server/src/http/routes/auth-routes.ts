import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { answers, me, nothing } from "../responses/response-schemas.ts";
import { answerOf, askAccounts, passCookies } from "../security/auth-forwarding.ts";
import type { SignInGuard } from "../security/sign-in-guard.ts";

const signedIn = z.object({
  token: z.string().meta({ description: "For `Authorization: Bearer`, where there are no cookies." }),
  user: me,
});

/** Of the accounts' own routes these two are open, and nothing else under `/api/auth/` reaches them. */
export function authRoutes(
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
        response: answers(200, signedIn),
      },
    },
    async (request, reply) => {
      const { username, password } = request.body;
      const succeeded = guard.begin(request.ip, username);
      const response = await askAccounts(accounts, request, "sign-in/username", { username, password });
      const answer = signedIn.parse(await answerOf(response));
      succeeded();
      passCookies(response, reply);
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
        response: answers(200, nothing),
      },
    },
    async (request, reply) => {
      const response = await askAccounts(accounts, request, "sign-out", {});
      await answerOf(response);
      passCookies(response, reply);
      return {};
    },
  );
}
