import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { Refusal } from "../../access/refusal.ts";
import type { Actor } from "../../accounts/accounts.ts";
import { readProfile } from "../../people/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { emptyResponse, limits, me, responses } from "../responses/response-schemas.ts";
import { forwardCookies, forwardToAccounts, readAccountsResponse } from "../security/auth-forwarding.ts";
import { readBearerToken, requireActor } from "../security/identity.ts";
import type { SignInGuard } from "../security/sign-in-guard.ts";

const profile = z.object({
  me,
  limits,
  mayCreateRooms: z.boolean(),
  mayReadVersions: z.boolean(),
  version: z.string(),
});

export function addMeRoutes(
  app: App,
  { context, version }: Pick<HttpDeps, "context" | "version">,
  { http }: Schemas,
  guard: SignInGuard,
): void {
  app.get(
    "/me",
    {
      config: { access: "password-change" },
      schema: {
        tags: ["Me"],
        summary: "Get the signed-in user and their permissions",
        response: responses(200, profile),
      },
    },
    async (request, reply) => {
      const read = await readProfile(context, requireActor(request));
      const { cookie } = request.headers;
      // Every page starts with this request, so a user who returns now and then stays signed in.
      const renewed =
        cookie === undefined || readBearerToken(request) ? undefined : context.accounts.renewedCookie(cookie);
      if (renewed !== undefined) reply.header("set-cookie", renewed);
      return { ...read, version };
    },
  );

  app.post(
    "/me/password",
    {
      config: { access: "password-change" },
      schema: {
        tags: ["Me"],
        summary: "Change your password",
        description: "Ends all of your other sessions.",
        body: http.changePassword,
        response: responses(200, emptyResponse),
      },
    },
    async (request, reply) => {
      const markSucceeded = guard.beginConfirmation(confirmationKey(requireActor(request)));
      const response = await forwardToAccounts(context.accounts, request, "change-password", request.body);
      await readAccountsResponse(response);
      markSucceeded();
      forwardCookies(response, reply);
      return {};
    },
  );

  app.post(
    "/me/confirm",
    {
      schema: {
        tags: ["Me"],
        summary: "Confirm your password",
        description:
          "Changing accounts and ending sessions requires that the password was entered in this session in the last 15 minutes: at sign-in, or here.",
        body: http.confirmPassword,
        response: responses(200, emptyResponse),
      },
    },
    async (request) => {
      const actor = requireActor(request);
      const markSucceeded = guard.beginConfirmation(confirmationKey(actor));
      if (!(await context.accounts.confirm(actor, request.body.password))) {
        const message = "Wrong password.";
        throw new Refusal("COMMAND_INVALID", message, { issues: [{ path: "password", message }] });
      }
      markSucceeded();
      return {};
    },
  );
}

/** A signed-in user's attempts are counted by session, so that nobody else can use them up. */
function confirmationKey({ id, session }: Actor): string {
  return session ?? id;
}
