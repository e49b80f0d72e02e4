import fastifyStatic from "@fastify/static";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../../access/refusal.ts";
import type { App } from "../app.ts";
import { sendRefusal } from "../responses/error-responses.ts";
import { isWebClientBuilt } from "./web-client-folder.ts";

/** Vite names these by their content. */
const ASSETS_PATH = "/assets/";

/** Addresses that the client draws: each is answered with its one page. */
const CLIENT_PATHS = /^\/(?:$|(?:login|setup|rooms|search|admin|settings)(?:\/|$))/;

const NOT_BUILT_MESSAGE = "The web client is not built. Run `npm run build`, then start the server again.";

/** Serves the built web client, and answers what no route has. */
export async function serveWebClient(app: App, webDir: string): Promise<void> {
  const built = isWebClientBuilt(webDir);
  if (built) {
    await app.register(fastifyStatic, {
      root: webDir,
      // Routes for the files that are there: what is not there falls through to the handler below.
      wildcard: false,
      index: false,
      preCompressed: true,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const forever = path.slice(webDir.length).replaceAll("\\", "/").startsWith(ASSETS_PATH);
        reply.header("cache-control", forever ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "";
    if (!wantsPage(request, path)) return sendRefusal(reply, new Refusal("NOT_FOUND"));
    if (!built) return reply.code(503).type("text/plain; charset=utf-8").send(NOT_BUILT_MESSAGE);
    // An address that is no page of ours is drawn by the client too, and is still a 404.
    return sendPage(reply, CLIENT_PATHS.test(path) ? 200 : 404);
  });
}

/** A person with a browser at an address that is neither of the API nor a missing file. */
function wantsPage(request: FastifyRequest, path: string): boolean {
  if (request.method !== "GET" && request.method !== "HEAD") return false;
  if (path === "/api" || path.startsWith("/api/") || path.startsWith(ASSETS_PATH)) return false;
  return CLIENT_PATHS.test(path) || request.headers.accept?.includes("text/html") === true;
}

function sendPage(reply: FastifyReply, status: 200 | 404): FastifyReply {
  return reply.code(status).sendFile("index.html");
}
