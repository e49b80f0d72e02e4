import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { readProfile } from "../commands/read-profile.ts";
import { Refusal } from "../commands/refusal.ts";
import { answers, limits, me, nothing } from "./answers.ts";
import type { App } from "./app.ts";
import { askAccounts, passCookies, requireAnswer } from "./auth-forwarding.ts";
import type { HttpDeps } from "./http-deps.ts";
import { actorOf } from "./identity.ts";
import type { SignInGuard } from "./sign-in-guard.ts";

const profile = z.object({
  me,
  limits,
  mayCreateRooms: z.boolean(),
  version: z.string(),
});

export function meRoutes(
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
        summary: "Who is signed in, and what this server lets them do",
        response: answers(200, profile),
      },
    },
    async (request) => ({ ...(await readProfile(context, actorOf(request))), version }),
  );

  app.post(
    "/me/password",
    {
      schema: {
        tags: ["Me"],
        summary: "Change one's own password",
        description: "Ends all of one's other sessions.",
        body: http.changePassword,
        response: answers(200, nothing),
      },
    },
    async (request, reply) => {
      // Guessing here is guessing at the door: it counts together.
      const succeeded = guard.begin(request.ip, actorOf(request).username);
      const response = await askAccounts(context.accounts, request, "change-password", {
        ...request.body,
        revokeOtherSessions: true,
      });
      requireAnswer(response);
      if (!response.ok) {
        throw new Refusal("COMMAND_INVALID", "This is not your current password.", {
          issues: [{ path: "currentPassword", message: "This is not your current password." }],
        });
      }
      succeeded();
      passCookies(response, reply);
      return {};
    },
  );
}
