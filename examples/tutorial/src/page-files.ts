import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";

const FILES: ReadonlyMap<string, readonly [file: string, type: string]> = new Map([
  ["/", ["index.html", "text/html; charset=utf-8"]],
  ["/style.css", ["style.css", "text/css; charset=utf-8"]],
  ["/icon.svg", ["icon.svg", "image/svg+xml"]],
  ["/page.js", ["page.js", "text/javascript; charset=utf-8"]],
]);

/** Serves the files of the tutorial's page. Reads them for each request, so that an edit shows at the next reload. */
export async function servePage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const entry = FILES.get(path);
  if (entry === undefined || (request.method !== "GET" && request.method !== "HEAD")) {
    response.writeHead(entry === undefined ? 404 : 405, { "content-type": "text/plain; charset=utf-8" });
    response.end(entry === undefined ? "Not found\n" : "Method not allowed\n");
    return;
  }
  const [file, type] = entry;
  const body = await readFile(new URL(`./page/${file}`, import.meta.url));
  response.writeHead(200, {
    "content-type": type,
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
