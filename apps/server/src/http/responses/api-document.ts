import swagger from "@fastify/swagger";
import type { FastifySwaggerUiOptions } from "@fastify/swagger-ui";
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import type { App } from "../app.ts";

/** What a browser sends where it has the file already. */
const CONDITIONS = ["if-none-match", "if-modified-since"] as const;
/** What the application of the documents says of its pages; everything else is the same as for all routes. */
const CONTENT_HEADERS = ["content-type", "cache-control", "etag", "last-modified", "location"] as const;

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
export function serveApiDocument(app: App, basePath: string): void {
  // For everyone without a session: written once, because it takes some milliseconds.
  let document: string | undefined;
  app.get("/api/openapi.json", { schema: { hide: true } }, async (_request, reply) => {
    document ??= JSON.stringify(app.swagger());
    return reply.header("cache-control", "no-cache").type("application/json; charset=utf-8").send(document);
  });
  let opening: Promise<FastifyInstance> | undefined;
  const respond = async (request: FastifyRequest, reply: FastifyReply) => {
    opening ??= openApiDocs(app, basePath).catch((error: unknown) => {
      // The next request tries again: a file may have been missing for a moment.
      opening = undefined;
      throw error;
    });
    const docs = await opening;
    const headers = pick(request.headers, CONDITIONS);
    const response = await docs.inject({ method: "GET", url: request.url, headers });
    // In the shape of this server's errors.
    if (response.statusCode === 404) return reply.callNotFound();
    return reply.code(response.statusCode).headers(pick(response.headers, CONTENT_HEADERS)).send(response.rawPayload);
  };
  app.get("/api/docs", { schema: { hide: true } }, respond);
  app.get("/api/docs/*", { schema: { hide: true } }, respond);
}

/**
 * Opens the pages of the documents as an application of its own, for the first request of one: they take a tenth of the time until a
 * server is ready, and few servers are ever asked for them.
 */
async function openApiDocs(app: App, basePath: string): Promise<FastifyInstance> {
  const [{ default: fastify }, { fastifySwaggerUi }] = await Promise.all([
    import("fastify"),
    import("@fastify/swagger-ui"),
  ]);
  const docs = fastify();
  docs.decorate("swagger", app.swagger);
  // Its type is that of a plugin with a callback, but it is asynchronous.
  const pages = fastifySwaggerUi as unknown as FastifyPluginAsync<FastifySwaggerUiOptions>;
  // Inside a function, because the plugin requires the one that collects the routes, which is in the other application.
  await docs.register((scope, options: FastifySwaggerUiOptions) => pages(scope, options), {
    routePrefix: "/api/docs",
    indexPrefix: basePath,
    theme: { title: "Multichat HTTP API" },
    uiConfig: { docExpansion: "list", persistAuthorization: false, tryItOutEnabled: true },
  });
  return docs;
}

function pick<Value>(
  headers: Readonly<Record<string, Value>>,
  names: readonly string[],
): Record<string, NonNullable<Value>> {
  return Object.fromEntries(names.flatMap((name) => (headers[name] == null ? [] : [[name, headers[name]]])));
}
