import type { FastifyRequest } from "fastify";
import { isCheapJson, MAX_JSON_MEMBERS } from "../../access/json-bounds.ts";
import { Refusal } from "../../access/refusal.ts";
import type { App } from "../app.ts";

const TOO_COMPLEX = new Refusal(
  "COMMAND_INVALID",
  `Expected a JSON body of at most ${MAX_JSON_MEMBERS} values, not nested deeply, got more.`,
);

const CHARSET = /;\s*charset\s*=\s*"?(?<charset>[^";\s]*)/gi;

/**
 * Accepts JSON bodies in UTF-8 only: an HTML form of another site cannot send a readable body, and bytes in another encoding
 * are refused instead of stored as replacement characters.
 */
export function acceptOnlyJson(app: App): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.decorateRequest("bodyBytes", 0);
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    let text: string;
    request.bodyBytes = body.length;
    try {
      text = decodeUtf8(request, body as Buffer);
    } catch (error) {
      done(error as Error);
      return;
    }
    // An empty body counts as a missing one.
    if (text === "") done(null, undefined);
    else if (!isCheapJson(text)) done(TOO_COMPLEX);
    else void parse(request, text, done);
  });
}

function decodeUtf8(request: FastifyRequest, body: Buffer): string {
  // Where there are several, a proxy may go by another one than we do.
  for (const { groups } of (request.headers["content-type"] ?? "").matchAll(CHARSET)) {
    const { charset = "" } = groups ?? {};
    if (/^utf-?8$/i.test(charset)) continue;
    throw new Refusal("UNSUPPORTED_MEDIA_TYPE", `Expected a JSON body in UTF-8, got charset=${charset.slice(0, 40)}.`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new Refusal("COMMAND_INVALID", "Expected a JSON body in UTF-8, got bytes that are not UTF-8.");
  }
}
