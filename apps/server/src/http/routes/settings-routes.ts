import type { Schemas } from "@multichat/protocol/schemas";
import { changeSettings, readSettings } from "../../settings/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { answers, settings } from "../responses/response-schemas.ts";
import { actorOf } from "../security/identity.ts";

export function settingsRoutes(app: App, { context }: Pick<HttpDeps, "context">, { http }: Schemas): void {
  app.get(
    "/settings",
    {
      schema: {
        tags: ["Settings"],
        summary: "The server's settings",
        description: "For staff.",
        response: answers(200, settings),
      },
    },
    async (request) => readSettings(context, actorOf(request)),
  );

  app.patch(
    "/settings",
    {
      schema: {
        tags: ["Settings"],
        summary: "Change the server's settings",
        description: "For staff.",
        body: http.settings,
        response: answers(200, settings),
      },
    },
    async (request) => changeSettings(context, actorOf(request), request.body),
  );
}
