import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { Refusal } from "../../access/refusal.ts";
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
      schema: {
        tags: ["Me"],
        summary: "Change your password",
        description: "Ends all of your other sessions.",
        body: http.changePassword,
        response: responses(200, emptyResponse),
      },
    },
    async (request, reply) => {
      // Counted together with sign-in attempts: both can be used to guess a password.
      const markSucceeded = guard.beginAttempt(request.ip, requireActor(request).username);
      const response = await forwardToAccounts(context.accounts, request, "change-password", request.body);
      try {
        await readAccountsResponse(response);
      } catch (error) {
        throw error instanceof Refusal && error.code === "COMMAND_INVALID" ? withCurrentPasswordIssue(error) : error;
      }
      markSucceeded();
      forwardCookies(response, reply);
      return {};
    },
  );
}

/** The body has passed the schema, so only the current password can be wrong. */
function withCurrentPasswordIssue({ code, message }: Refusal): Refusal {
  return new Refusal(code, message, { issues: [{ path: "currentPassword", message }] });
}
