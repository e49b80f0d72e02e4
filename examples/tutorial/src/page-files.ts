import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";

const files: ReadonlyMap<string, readonly [file: string, type: string]> = new Map([
  ["/", ["index.html", "text/html; charset=utf-8"]],
  ["/style.css", ["style.css", "text/css; charset=utf-8"]],
  ["/page.js", ["page.js", "text/javascript; charset=utf-8"]],
]);

/** Serves the tutorial's page: three files, read when they are asked for, so that an edit shows at the next reload. */
export async function servePage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const found = files.get(path);
  if (found === undefined || (request.method !== "GET" && request.method !== "HEAD")) {
    response.writeHead(found === undefined ? 404 : 405, { "content-type": "text/plain; charset=utf-8" });
    response.end(found === undefined ? "There is nothing at this address.\n" : "Only GET here.\n");
    return;
  }
  const [file, type] = found;
  const body = await readFile(new URL(`./page/${file}`, import.meta.url));
  response.writeHead(200, {
    "content-type": type,
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
