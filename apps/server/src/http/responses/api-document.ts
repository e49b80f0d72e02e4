import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import type { App } from "../app.ts";

/** Collects the routes that are registered after it into an OpenAPI document. */
export async function collectApiRoutes(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Multichat",
        version,
        description:
          "The HTTP side of the chat. Errors have one shape and stable codes. Requests that change something and carry an `Origin` are taken from this server's own pages alone.",
      },
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

/** The document at `/api/openapi.json`, and a page to read it at `/api/docs`, under the same strict headers as the rest. */
export async function serveApiDocument(app: App): Promise<void> {
  app.get("/api/openapi.json", { schema: { hide: true } }, async (_request, reply) =>
    reply
      .header("cache-control", "no-cache")
      .type("application/json; charset=utf-8")
      .serializer(JSON.stringify)
      .send(app.swagger()),
  );
  await app.register(swaggerUi, {
    routePrefix: "/api/docs",
    theme: { title: "Multichat: HTTP" },
    uiConfig: { docExpansion: "list", persistAuthorization: false, tryItOutEnabled: true },
  });
}
