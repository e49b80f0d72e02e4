import type { IncomingMessage } from "node:http";
import type { ERRORS } from "@multichat/protocol";
import type { Schemas } from "@multichat/protocol/schemas";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { Refusal } from "../../access/refusal.ts";
import { findVisibleFile, uploadFile } from "../../files/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { waitForBody } from "../requests/body-time.ts";
import { readRange } from "../responses/byte-range.ts";
import { messageFile, responses } from "../responses/response-schemas.ts";
import { requireActor, requireActorAgain } from "../security/identity.ts";
import { roomParams } from "./room-routes.ts";

const BODY_TYPE = "application/octet-stream";

/** Nothing in a file can run, load anything or be sent anywhere, whatever a browser takes it for. */
const FILE_POLICY =
  "default-src 'none';img-src 'self';media-src 'self';style-src 'unsafe-inline';frame-ancestors 'none';sandbox";

const fileParams = z.object({
  file: z.string().meta({ description: "The file's id." }),
  name: z.string().meta({ description: "Any name; the file's own is for the address bar." }),
});

type DownloadRequest = Pick<FastifyRequest, "headers" | "method" | "actor" | "ip" | "id"> & {
  readonly params: z.output<typeof fileParams>;
  readonly query: z.output<Schemas["http"]["downloadQuery"]>;
};

/** The bytes themselves. */
const binary = z.any().meta({ type: "string", format: "binary" });

/** Adds the routes of files. In a scope of its own, because no other route takes their bodies. */
export async function addFileRoutes(
  api: App,
  { context, files }: Pick<HttpDeps, "context" | "files">,
  { http }: Schemas,
): Promise<void> {
  await api.register(async (scope: App) => {
    scope.addContentTypeParser(BODY_TYPE, (_request, payload, done) => done(null, payload));

    scope.post(
      "/rooms/:room/files",
      {
        config: { isStreamed: true },
        schema: {
          tags: ["Files"],
          summary: "Upload a file",
          description:
            "For those who can post to the room. The body is the file. Responds after it is on disk; a message to the room takes it with its id in `files`, within a day. A repeat with the same `clientId` gets the same file. What an image or a film says about its author's device and place is removed.",
          consumes: [BODY_TYPE],
          params: roomParams,
          querystring: http.uploadQuery,
          body: binary,
          response: responses(201, z.object({ file: messageFile })),
        },
      },
      async (request, reply) => {
        if (request.headers["content-type"] !== BODY_TYPE) {
          throw new Refusal("UNSUPPORTED_MEDIA_TYPE", `Expected a body with Content-Type: ${BODY_TYPE}.`);
        }
        const { room } = request.params;
        const length = Number(request.headers["content-length"]);
        waitForBody(request.raw);
        const file = await uploadFile(context, files, requireActor(request), {
          ...request.query,
          room,
          body: readBody(request.raw),
          actorAfterBody: () => requireActorAgain(request, context.accounts),
          announcedBytes: Number.isFinite(length) ? length : undefined,
        });
        return reply.code(201).send({ file });
      },
    );

    const downloadSchema = {
      params: fileParams,
      querystring: http.downloadQuery,
      response: responses(200, binary),
    };
    const download = async (request: DownloadRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const visible = await findVisibleFile(context, files, requireActor(request), { id: request.params.file });
      const { file, hash, isInline } = visible;
      const etag = `"${hash}"`;
      const isSaved = !isInline || request.query.download !== undefined;
      reply.headers({
        // A browser asks each time: access can be lost.
        "cache-control": "private, no-cache",
        etag,
        "accept-ranges": "bytes",
        "content-disposition": toDisposition(isSaved ? "attachment" : "inline", file.name),
        "content-security-policy": FILE_POLICY,
        "x-content-type-options": "nosniff",
      });
      if (matches(request.headers["if-none-match"], etag)) return reply.code(304).send();
      const range = isRangeCurrent(request, etag)
        ? readRange(request.headers.range, file.bytes)
        : readRange(undefined, 0);
      if (range.kind === "unsatisfiable") return sendUnsatisfiable(reply, file.bytes);
      const { start, end } = range.kind === "part" ? range : { start: 0, end: file.bytes - 1 };
      if (range.kind === "part") {
        reply.code(206).header("content-range", `bytes ${start}-${end}/${file.bytes}`);
      }
      reply
        .header("content-length", end - start + 1)
        .type(file.type === "text/plain" ? `${file.type}; charset=utf-8` : file.type);
      if (request.method === "HEAD") return reply.send();
      // A stream of no bytes would begin at its first.
      if (file.bytes === 0) return reply.send("");
      return reply.send(await visible.open({ start, end }));
    };
    scope.get(
      "/files/:file/:name",
      {
        // Below: the one that Fastify adds would read the content to drop it.
        exposeHeadRoute: false,
        schema: {
          tags: ["Files"],
          summary: "Download a file",
          description:
            "For those who can see the room of its message, and for its author before it is posted. Supports `Range` and `If-None-Match`. Images, audio, video and plain text are displayed by a browser; everything else, and everything with `download`, is saved.",
          ...downloadSchema,
        },
      },
      download,
    );
    scope.head("/files/:file/:name", { schema: { hide: true, ...downloadSchema } }, download);
  });
}

/** @throws Refusal REQUEST_TIMEOUT where the client has gone: nobody reads it. */
async function* readBody(request: IncomingMessage): AsyncIterable<Buffer> {
  try {
    for await (const chunk of request) yield chunk as Buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ECONNRESET" || request.destroyed)
      throw new Refusal("REQUEST_TIMEOUT");
    throw error;
  }
}

/** With a name in ASCII for old programs, and the whole one (RFC 6266). */
function toDisposition(kind: "attachment" | "inline", name: string): string {
  const ascii = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header === "*" || header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

/** A part is sent only where the client has the rest of the same content. */
function isRangeCurrent({ headers }: Pick<FastifyRequest, "headers">, etag: string): boolean {
  const condition = headers["if-range"];
  return condition === undefined || condition === etag;
}

function sendUnsatisfiable(reply: FastifyReply, bytes: number): FastifyReply {
  const message = `Expected a range within the ${bytes} bytes of the file.`;
  reply.request.refusedWith = "COMMAND_INVALID";
  return reply
    .code(416)
    .headers({ "content-range": `bytes */${bytes}`, "cache-control": "no-store" })
    .removeHeader("content-disposition")
    .type("application/json; charset=utf-8")
    .serializer(JSON.stringify)
    .send({ error: { code: "COMMAND_INVALID" satisfies keyof typeof ERRORS, message } });
}
