import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import type { App } from "../app.ts";

/** Collects the routes that are registered after this call into an OpenAPI document. */
export async function collectApiRoutes(
  app: App,
  { version, publicUrl }: { readonly version: string; readonly publicUrl: string | null },
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Multichat",
        version,
        description:
          "The HTTP API of the chat. All errors have the same shape and stable codes. A request that changes something and has an `Origin` header must come from one of this server's own pages.",
      },
      ...(publicUrl === null ? {} : { servers: [{ url: publicUrl }] }),
      components: {
        securitySchemes: {
          session: { type: "apiKey", in: "cookie", name: "sessionid" },
          bearer: { type: "http", scheme: "bearer" },
        },
      },
      security: [{ session: [] }, { bearer: [] }],
    },
    transform: jsonSchemaTransform,
  });
}

/** Serves the document at `/api/openapi.json` and a page for it at `/api/docs`, with the security headers of all routes. */
export async function serveApiDocument(app: App, basePath: string): Promise<void> {
  app.get("/api/openapi.json", { schema: { hide: true } }, async (_request, reply) =>
    reply
      .header("cache-control", "no-cache")
      .type("application/json; charset=utf-8")
      .serializer(JSON.stringify)
      .send(app.swagger()),
  );
  await app.register(swaggerUi, {
    routePrefix: "/api/docs",
    indexPrefix: basePath,
    theme: { title: "Multichat HTTP API" },
    uiConfig: { docExpansion: "list", persistAuthorization: false, tryItOutEnabled: true },
  });
}
