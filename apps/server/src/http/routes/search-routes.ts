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
        summary: "Search messages",
        description:
          'Newest first, in the rooms that the caller can read. Query syntax: words, "phrases", prefix*, in:room from:name before:2026-01-31 after:2026-01-01. `cursor` comes from the previous page.',
        querystring: http.searchQuery,
        response: responses(
          200,
          z.object({
            found: z.array(searchHit).readonly(),
            cursor: z.string().nullable(),
            behind: z.literal(true).optional(),
          }),
        ),
      },
    },
    async (request) => searchMessages(context, requireActor(request), request.query),
  );
}
