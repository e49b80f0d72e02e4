import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "fastify";

type Encoding = "br" | "gzip" | "identity";

/** The addresses in the built page, which begin at the root. */
const ROOT_ADDRESS = /(?<=\s(?:href|src)=")\/(?!\/)/g;
const BASE_META = '<meta name="base-path" content="" />';

/** The page of the web client. The build does not know the path that the chat is served under, so it is written into the page here. */
export class IndexPage {
  readonly #contents: Readonly<Record<Encoding, Buffer>>;
  readonly #etag: string;

  constructor(webDir: string, basePath: string) {
    const built = readFileSync(join(webDir, "index.html"), "utf8");
    const page = Buffer.from(
      built
        .replace(ROOT_ADDRESS, `${basePath}/`)
        .replace(BASE_META, BASE_META.replace('content=""', `content="${basePath}"`)),
    );
    this.#contents = { br: brotliCompressSync(page), gzip: gzipSync(page, { level: 9 }), identity: page };
    this.#etag = createHash("sha256").update(page).digest("base64url").slice(0, 27);
  }

  send(request: FastifyRequest, reply: FastifyReply, status: 200 | 404): FastifyReply {
    const encoding = chooseEncoding(request.headers["accept-encoding"]);
    // Of one encoding, so that a cache does not take one for the other.
    const etag = `"${this.#etag}-${encoding}"`;
    reply.headers({ "cache-control": "no-cache", vary: "accept-encoding", etag });
    if (status === 200 && namesEtag(request.headers["if-none-match"], etag)) return reply.code(304).send();
    if (encoding !== "identity") reply.header("content-encoding", encoding);
    return reply.code(status).type("text/html; charset=utf-8").send(this.#contents[encoding]);
  }
}

function chooseEncoding(accepted = ""): Encoding {
  const refused = /;\s*q\s*=\s*0(?:\.0*)?\s*$/i;
  const names = accepted
    .split(",")
    .filter((item) => !refused.test(item))
    .map((item) => item.split(";", 1)[0]?.trim().toLowerCase());
  return names.includes("br") ? "br" : names.includes("gzip") ? "gzip" : "identity";
}

function namesEtag(header: string | undefined, etag: string): boolean {
  return (
    header
      ?.split(",")
      .map((item) => item.trim().replace(/^W\//, ""))
      .some((item) => item === etag || item === "*") === true
  );
}
