import { makeSchemas } from "@multichat/protocol/schemas";
import fastify, { type FastifyBaseLogger, LogController } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { addressKey } from "../access/address-key.ts";
import type { Pacer } from "../access/pacer.ts";
import { basePathOf, makeTargetReader } from "../config/base-path.ts";
import { clientAddress, makeTrust } from "../config/trusted-proxies.ts";
import type { App } from "./app.ts";
import type { HttpDeps } from "./http-deps.ts";
import { applyTargetHost } from "./requests/absolute-target.ts";
import { limitBodyTime } from "./requests/body-time.ts";
import { acceptOnlyJson } from "./requests/json-body.ts";
import { refuseAmbiguousRequests, refuseUnreadParameters, withoutLongQuery } from "./requests/strict-requests.ts";
import { collectApiRoutes, serveApiDocument } from "./responses/api-document.ts";
import { clientErrorResponder, respondToUnusualRequests } from "./responses/client-errors.ts";
import { handleErrors, sendError } from "./responses/error-responses.ts";
import { addAuditRoutes } from "./routes/audit-routes.ts";
import { addAuthRoutes } from "./routes/auth-routes.ts";
import { addFileRoutes } from "./routes/file-routes.ts";
import { addHealthRoutes } from "./routes/health-routes.ts";
import { addInvitationRoutes } from "./routes/invitation-routes.ts";
import { addMeRoutes } from "./routes/me-routes.ts";
import { addMemberRoutes } from "./routes/member-routes.ts";
import { addMessageRoutes } from "./routes/message-routes.ts";
import { addPeopleRoutes } from "./routes/people-routes.ts";
import { addRoomRoutes } from "./routes/room-routes.ts";
import { addSearchRoutes } from "./routes/search-routes.ts";
import { addSecurityContactRoute } from "./routes/security-contact-route.ts";
import { addSessionRoutes } from "./routes/session-routes.ts";
import { addSettingsRoutes } from "./routes/settings-routes.ts";
import { addSetupRoutes } from "./routes/setup-routes.ts";
import { allowOrigins } from "./security/cross-origin.ts";
import { authenticateRequests, requireSignIn } from "./security/identity.ts";
import { rejectForeignOrigins } from "./security/origin-check.ts";
import { limitRequests } from "./security/request-limit.ts";
import { createRefusalPacer, paceRequests } from "./security/request-pace.ts";
import { addTransportSecurity } from "./security/secure-transport.ts";
import { recordSecurityEvents } from "./security/security-events.ts";
import { addSecurityHeaders, RAW_SECURITY_HEADERS } from "./security/security-headers.ts";
import { SignInGuard } from "./security/sign-in-guard.ts";
import { serveWebClient } from "./web-client/web-client.ts";
import { WEB_DIR } from "./web-client/web-client-folder.ts";

/** From the connection, or the end of the previous request, to the end of the headers. */
const HEADERS_TIMEOUT_MS = 10_000;
/** To the end of the body, from that of the headers. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Without a byte in either direction. Longer than proxies keep an idle connection (60 seconds). */
const IDLE_TIMEOUT_MS = 120_000;

/**
 * Builds the HTTP API and the pages of the web client. It is not listening yet: call `listen`, or `inject` in tests. Sockets
 * are attached to its `server`.
 */
export async function buildHttp(deps: HttpDeps): Promise<App> {
  const { config } = deps;
  const basePath = basePathOf(config.publicUrl);
  const readTarget = makeTargetReader(basePath);
  const isTrustedProxy = makeTrust(config.trustProxy);
  const refusals = createRefusalPacer(config.requestsPerMinute);
  const app = fastify({
    loggerInstance: deps.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: config.trustProxy === 0 ? false : isTrustedProxy,
    bodyLimit: config.bodyBytes,
    // Bound how long a slow sender or reader can hold a connection.
    // A request without a Host is refused like one with several: Node's own refusal has no body.
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 1_000, requireHostHeader: false },
    // Below, because a large file takes longer.
    requestTimeout: 0,
    // While the server stops, requests on connections that it has accepted are served, and then the connection is closed: a client
    // cannot know. `/readyz` says beforehand that the server is about to stop.
    return503OnClosing: false,
    connectionTimeout: IDLE_TIMEOUT_MS,
    // Those of zod are set below. Without these, Fastify would load and start compilers that no route uses.
    schemaController: { compilersFactory: { buildValidator: refuseToBuild, buildSerializer: refuseToBuild } },
    rewriteUrl: (request) => readTarget(withoutLongQuery(applyTargetHost(request, "request"))),
    clientErrorHandler: clientErrorResponder(refusals),
    frameworkErrors: (error, request, reply) => {
      // They run no hooks, so no limit counts them.
      const key = `ip:${addressKey(clientAddress(request.raw, isTrustedProxy))}`;
      const send = () => sendError(error, request, reply.headers(RAW_SECURITY_HEADERS));
      const delayMs = refusals.delayMs(key);
      if (delayMs === 0) send();
      else setTimeout(send, delayMs);
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  limitBodyTime(app.server, REQUEST_TIMEOUT_MS);
  acceptOnlyJson(app);
  handleErrors(app, refusals);
  observeRequests(app, deps);
  respondToUnusualRequests(app.server, refusals);
  const webDir = deps.webDir ?? WEB_DIR;
  await addSecurityHeaders(app, config, webDir);
  addTransportSecurity(app, config);
  // Preflights, which the hook of the next line answers, count too.
  paceRequests(app, config.requestsPerMinute);
  await allowOrigins(app, config);
  refuseAmbiguousRequests(app);
  redirectBelow(app, basePath);
  rejectForeignOrigins(app, config);
  await collectApiRoutes(app, { version: deps.version, publicUrl: config.publicUrl });
  await app.register(makeApiPlugin(deps, refusals), { prefix: "/api" });
  serveApiDocument(app, basePath);
  addHealthRoutes(app, deps);
  addSecurityContactRoute(app, deps);
  await serveWebClient(app, { webDir, basePath });
  return app;
}

function refuseToBuild(): never {
  throw new Error("expected the schema compilers of zod, which are set before the first route");
}

/** Adds the path of the chat to redirects, whose routes do not know it. */
function redirectBelow(app: App, basePath: string): void {
  if (basePath === "") return;
  app.addHook("onSend", async (_request, reply) => {
    const location = reply.getHeader("location");
    if (typeof location === "string" && location.startsWith("/")) reply.header("location", `${basePath}${location}`);
  });
}

function makeApiPlugin(deps: HttpDeps, refusals: Pacer) {
  return async (api: App): Promise<void> => {
    const schemas = makeSchemas(deps.config.limits);
    const guard = new SignInGuard(deps.config.signInPerMinute, { shared: deps.sharedLimits });
    authenticateRequests(api, deps.context.accounts, deps.onSignedIn);
    limitRequests(api, deps.config.requestsPerMinute, { refusals, shared: deps.sharedLimits });
    requireSignIn(api);
    refuseUnreadParameters(api);
    recordSecurityEvents(api, deps.securityLog, deps.context.accounts);
    api.addHook("onSend", async (_request, reply) => {
      // A cache must not serve one user's data to another.
      if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    });
    addAuthRoutes(api, deps, schemas, guard);
    addMeRoutes(api, deps, schemas, guard);
    addSessionRoutes(api, deps);
    addRoomRoutes(api, deps, schemas);
    addMemberRoutes(api, deps, schemas);
    addMessageRoutes(api, deps, schemas);
    await addFileRoutes(api, deps, schemas);
    addSearchRoutes(api, deps, schemas);
    addPeopleRoutes(api, deps, schemas);
    addInvitationRoutes(api, deps, schemas);
    addSettingsRoutes(api, deps, schemas);
    addAuditRoutes(api, deps);
    addSetupRoutes(api, deps, schemas);
  };
}

function observeRequests(app: App, { metrics }: HttpDeps): void {
  app.addHook("onResponse", async (request, reply) => {
    // The route's pattern, not the URL: a client must not be able to create metric labels.
    const route = request.routeOptions.url ?? "none";
    const seconds = reply.elapsedTime / 1000;
    metrics.httpRequest({ method: request.method, route, status: reply.statusCode, seconds });
    request.log.debug(
      { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      "request",
    );
  });
}
