import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import helmet from "@fastify/helmet";
import type { Config } from "../../config/config.ts";
import type { App } from "../app.ts";
import { isWebClientBuilt } from "../web-client/web-client-folder.ts";

/** A host that is safe to write into a header; anything else may be an injection attempt. */
const VALID_HOST = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/;

const PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

/** The headers of responses that no route sends: to what cannot be read, and to refused handshakes. They contain no page. */
export const RAW_SECURITY_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none';frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": PERMISSIONS_POLICY,
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
});

/**
 * Adds the strictest security headers that the web client and the API pages work with: no inline scripts or styles
 * except those of the client's own page, no foreign origins, no framing.
 */
export async function addSecurityHeaders(
  app: App,
  { publicUrl }: Pick<Config, "publicUrl">,
  webDir: string,
): Promise<void> {
  const page = isWebClientBuilt(webDir) ? readFileSync(join(webDir, "index.html"), "utf8") : "";
  const publicHost = publicUrl === null ? undefined : new URL(publicUrl).host;
  // Not every browser applies 'self' to sockets, so the host is listed too.
  const sockets = (request: { readonly headers: { readonly host?: string | undefined } }): string => {
    const host = publicHost ?? request.headers.host ?? "";
    return VALID_HOST.test(host) ? `ws://${host} wss://${host}` : "'self'";
  };
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'", ...hashInline(page, "script")],
        styleSrc: ["'self'", ...hashInline(page, "style")],
        imgSrc: ["'self'", "data:"],
        fontSrc: ["'self'"],
        mediaSrc: ["'self'"],
        connectSrc: ["'self'", sockets],
        manifestSrc: ["'self'"],
        workerSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: "same-origin" },
    xFrameOptions: { action: "deny" },
    crossOriginOpenerPolicy: { policy: "same-origin" },
    crossOriginResourcePolicy: { policy: "same-origin" },
    // `addTransportSecurity` sets it, only for requests over TLS.
    strictTransportSecurity: false,
  });
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("permissions-policy", PERMISSIONS_POLICY);
  });
}

/** Returns the hashes of the page's inline elements, as sources of the content security policy. */
function hashInline(page: string, tag: "script" | "style"): string[] {
  const inline = new RegExp(`<${tag}>(?<content>[^]*?)</${tag}>`, "g");
  return [...page.matchAll(inline)].map(
    ({ groups }) =>
      `'sha256-${createHash("sha256")
        .update(groups?.content ?? "")
        .digest("base64")}'`,
  );
}
