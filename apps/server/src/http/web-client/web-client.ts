import fastifyStatic from "@fastify/static";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../../access/refusal.ts";
import type { App } from "../app.ts";
import { sendRefusal } from "../responses/error-responses.ts";
import { IndexPage } from "./index-page.ts";
import { isWebClientBuilt } from "./web-client-folder.ts";

/** Files below this path are named after a hash of their content. */
const ASSETS_PATH = "/assets/";

/** Paths that the web client renders; all of them get its index page. */
const CLIENT_PATHS = /^\/(?:$|(?:login|setup|invite|reset|rooms|search|drafts|admin|settings)(?:\/|$))/;

const NOT_BUILT_MESSAGE = "The web client is not built. Run `npm run build`, then restart the server.";

interface WebClientOptions {
  readonly webDir: string;
  /** The path that the chat is served under, without a slash at the end; empty at the root. */
  readonly basePath: string;
}

/** Serves the built web client, and the 404 of every other path. */
export async function serveWebClient(app: App, { webDir, basePath }: WebClientOptions): Promise<void> {
  const page = isWebClientBuilt(webDir) ? new IndexPage(webDir, basePath) : undefined;
  if (page !== undefined) {
    await app.register(fastifyStatic, {
      root: webDir,
      // Registers a route per existing file, so that other paths fall through to the handler below.
      wildcard: false,
      // The page is sent for its paths, by the handler below. Compressed files are found beside those that are asked for; a route
      // for each would be a tenth of the time until the server is ready.
      globIgnore: ["index.html*", "**/*.br", "**/*.gz"],
      index: false,
      preCompressed: true,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isImmutable = path.slice(webDir.length).replaceAll("\\", "/").startsWith(ASSETS_PATH);
        reply.header("cache-control", isImmutable ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "";
    if (!wantsPage(request, path)) return sendRefusal(reply, new Refusal("NOT_FOUND"));
    if (page === undefined) return reply.code(503).type("text/plain; charset=utf-8").send(NOT_BUILT_MESSAGE);
    // The client renders the page for an unknown path too, with status 404.
    return page.send(request, reply, CLIENT_PATHS.test(path) ? 200 : 404);
  });
}

/** Returns whether a browser navigated to a path outside the API and the assets. */
function wantsPage(request: FastifyRequest, path: string): boolean {
  if (request.method !== "GET" && request.method !== "HEAD") return false;
  if (path === "/api" || path.startsWith("/api/") || path.startsWith(ASSETS_PATH)) return false;
  return CLIENT_PATHS.test(path) || request.headers.accept?.includes("text/html") === true;
}
