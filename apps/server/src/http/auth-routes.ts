import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { personOf } from "../commands/account-refusals.ts";
import { Refusal } from "../commands/refusal.ts";
import { answers, me, nothing } from "./answers.ts";
import type { App } from "./app.ts";
import { askAccounts, passCookies, requireAnswer } from "./auth-forwarding.ts";
import type { HttpDeps } from "./http-deps.ts";
import type { SignInGuard } from "./sign-in-guard.ts";

const signedIn = z.object({
  token: z.string().meta({ description: "For `Authorization: Bearer`, where there are no cookies." }),
  user: me,
});

/** What the accounts answer to a sign-in: the part that is used. */
const accountsAnswer = z.object({ token: z.string(), user: z.object({ id: z.string() }) });

/**
 * Of the accounts' own routes, these two are open; the library behind them has more, which would go around our policies.
 */
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
      requireAnswer(response);
      if (!response.ok) throw new Refusal("SIGN_IN_FAILED");
      const { token, user } = accountsAnswer.parse(await response.json());
      const account = await accounts.find(user.id);
      // Deactivated in the same moment.
      if (account === undefined || !account.active) throw new Refusal("SIGN_IN_FAILED");
      succeeded();
      passCookies(response, reply);
      return { token, user: personOf(account) };
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
      const { actor } = request;
      // By our own hand first: the session is over whatever the library makes of the request.
      if (actor?.session != null) await accounts.revoke(actor.id, actor.session);
      const response = await askAccounts(accounts, request, "sign-out", {});
      passCookies(response, reply);
      return {};
    },
  );
}
