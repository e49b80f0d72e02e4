import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { searchMessages } from "../../search/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { responses, searchHit } from "../responses/response-schemas.ts";
import { requireActor } from "../security/identity.ts";

export function addSearchRoutes(app: App, { context }: Pick<HttpDeps, "context">, { http }: Schemas): void {
  app.get(
    "/search",
    {
      schema: {
        tags: ["Messages"],
        summary: "Search in the rooms that one may read, newest first",
        description:
          'Words, "phrases", prefix*, and in:room from:name before:2026-01-31 after:2026-01-01. `cursor` is of the answer before.',
        querystring: http.searchQuery,
        response: responses(200, z.object({ found: z.array(searchHit).readonly(), cursor: z.string().nullable() })),
      },
    },
    async (request) => searchMessages(context, requireActor(request), request.query),
  );
}
