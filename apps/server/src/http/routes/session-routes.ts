import { z } from "zod";
import { listSessions, revokeOtherSessions, revokeSession } from "../../people/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { answers, nothing, session } from "../responses/response-schemas.ts";
import { actorOf } from "../security/identity.ts";

export function sessionRoutes(app: App, { context }: Pick<HttpDeps, "context">): void {
  app.get(
    "/sessions",
    {
      schema: {
        tags: ["Me"],
        summary: "One's own sessions",
        response: answers(200, z.object({ sessions: z.array(session).readonly() })),
      },
    },
    async (request) => ({ sessions: await listSessions(context, actorOf(request)) }),
  );

  app.delete(
    "/sessions",
    { schema: { tags: ["Me"], summary: "End all of one's sessions but this one", response: answers(200, nothing) } },
    async (request) => {
      await revokeOtherSessions(context, actorOf(request));
      return {};
    },
  );

  app.delete(
    "/sessions/:session",
    {
      schema: {
        tags: ["Me"],
        summary: "End one of one's sessions",
        params: z.object({ session: z.string() }),
        response: answers(200, nothing),
      },
    },
    async (request) => {
      await revokeSession(context, actorOf(request), request.params);
      return {};
    },
  );
}
