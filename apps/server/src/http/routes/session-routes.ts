import { z } from "zod";
import { listSessions, revokeOtherSessions, revokeSession } from "../../people/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { emptyResponse, responses, session } from "../responses/response-schemas.ts";
import { requireActor } from "../security/identity.ts";

export function addSessionRoutes(app: App, { context }: Pick<HttpDeps, "context">): void {
  app.get(
    "/sessions",
    {
      schema: {
        tags: ["Me"],
        summary: "List your sessions",
        response: responses(200, z.object({ sessions: z.array(session).readonly() })),
      },
    },
    async (request) => ({ sessions: await listSessions(context, requireActor(request)) }),
  );

  app.delete(
    "/sessions",
    {
      schema: {
        tags: ["Me"],
        summary: "End all of your other sessions",
        description: "Requires a recent sign-in or `POST /api/me/confirm`.",
        response: responses(200, emptyResponse),
      },
    },
    async (request) => {
      await revokeOtherSessions(context, requireActor(request));
      return {};
    },
  );

  app.delete(
    "/sessions/:session",
    {
      schema: {
        tags: ["Me"],
        summary: "End one of your sessions",
        description: "Requires a recent sign-in or `POST /api/me/confirm`.",
        params: z.object({ session: z.string() }),
        response: responses(200, emptyResponse),
      },
    },
    async (request) => {
      await revokeSession(context, requireActor(request), request.params);
      return {};
    },
  );
}
