import type { Schemas } from "@multichat/protocol/schemas";
import { changeSettings, readSettings } from "../../settings/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { responses, settings } from "../responses/response-schemas.ts";
import { requireActor } from "../security/identity.ts";

export function addSettingsRoutes(app: App, { context }: Pick<HttpDeps, "context">, { http }: Schemas): void {
  app.get(
    "/settings",
    {
      schema: {
        tags: ["Settings"],
        summary: "Get the server's settings",
        description: "For staff.",
        response: responses(200, settings),
      },
    },
    async (request) => readSettings(context, requireActor(request)),
  );

  app.patch(
    "/settings",
    {
      schema: {
        tags: ["Settings"],
        summary: "Change the server's settings",
        description: "For staff.",
        body: http.settings,
        response: responses(200, settings),
      },
    },
    async (request) => changeSettings(context, requireActor(request), request.body),
  );
}
