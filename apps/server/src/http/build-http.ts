import rateLimit from "@fastify/rate-limit";
import { makeSchemas } from "@multichat/protocol/schemas";
import fastify, { type FastifyBaseLogger, LogController } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { makeTrust } from "../config/trusted-proxies.ts";
import type { App } from "./app.ts";
import type { HttpDeps } from "./http-deps.ts";
import { describeApi, serveApiDocument } from "./responses/api-document.ts";
import { answerErrors, sendError } from "./responses/error-responses.ts";
import { authRoutes } from "./routes/auth-routes.ts";
import { healthRoutes } from "./routes/health-routes.ts";
import { meRoutes } from "./routes/me-routes.ts";
import { memberRoutes } from "./routes/member-routes.ts";
import { messageRoutes } from "./routes/message-routes.ts";
import { peopleRoutes } from "./routes/people-routes.ts";
import { roomRoutes } from "./routes/room-routes.ts";
import { searchRoutes } from "./routes/search-routes.ts";
import { sessionRoutes } from "./routes/session-routes.ts";
import { settingsRoutes } from "./routes/settings-routes.ts";
import { setupRoutes } from "./routes/setup-routes.ts";
import { identify, requireSignIn } from "./security/identity.ts";
import { checkOrigins } from "./security/origin-check.ts";
import { limitRequests } from "./security/request-limit.ts";
import { securityHeaders } from "./security/security-headers.ts";
import { SignInGuard } from "./security/sign-in-guard.ts";
import { serveWebClient } from "./web-client/web-client.ts";
import { WEB_DIR } from "./web-client/web-client-folder.ts";

/**
 * The door for requests: parses, asks a command, answers. Not listening yet: `listen` it, or hand it requests with
 * `inject`. Sockets are attached to its `server`.
 */
export async function buildHttp(deps: HttpDeps): Promise<App> {
  const { config } = deps;
  const app = fastify({
    loggerInstance: deps.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: config.trustProxy === 0 ? false : makeTrust(config.trustProxy),
    bodyLimit: config.bodyBytes,
    // A slow sender of a request holds a connection, not a thread; this bounds how long.
    requestTimeout: 30_000,
    frameworkErrors: (error, request, reply) => {
      sendError(error, request, reply);
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  parseJsonOnly(app);
  answerErrors(app);
  observeRequests(app, deps);
  await securityHeaders(app, config);
  checkOrigins(app, config);
  await describeApi(app, deps.version);
  await app.register(apiRoutes(deps), { prefix: "/api" });
  await serveApiDocument(app);
  healthRoutes(app, deps);
  await serveWebClient(app, deps.webDir ?? WEB_DIR);
  return app;
}

function apiRoutes(deps: HttpDeps) {
  return async (api: App): Promise<void> => {
    const schemas = makeSchemas(deps.config.limits);
    const guard = new SignInGuard(deps.config.signInPerMinute);
    await api.register(rateLimit, { global: false });
    identify(api, deps.context.accounts);
    limitRequests(api, deps.config.requestsPerMinute);
    requireSignIn(api);
    api.addHook("onSend", async (_request, reply) => {
      // What one person may see must not wait in a cache for the next.
      if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    });
    authRoutes(api, deps, schemas, guard);
    meRoutes(api, deps, schemas, guard);
    sessionRoutes(api, deps);
    roomRoutes(api, deps, schemas);
    memberRoutes(api, deps, schemas);
    messageRoutes(api, deps, schemas);
    searchRoutes(api, deps, schemas);
    peopleRoutes(api, deps, schemas);
    settingsRoutes(api, deps, schemas);
    setupRoutes(api, deps, schemas);
  };
}

/** One form of body, so that a form of another site cannot send one that we would read. */
function parseJsonOnly(app: App): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    // A client that says JSON and sends nothing means: nothing.
    if (body === "") done(null, undefined);
    else void parse(request, body as string, done);
  });
}

function observeRequests(app: App, { metrics }: HttpDeps): void {
  app.addHook("onResponse", async (request, reply) => {
    // By the route's pattern: an address of somebody's invention must not become a label.
    const route = request.routeOptions.url ?? "none";
    const seconds = reply.elapsedTime / 1000;
    metrics.httpRequest({ method: request.method, route, status: reply.statusCode, seconds });
    request.log.debug(
      { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      "request",
    );
  });
}
