import helmet from "@fastify/helmet";
import type { Config } from "../../config/config.ts";
import type { App } from "../app.ts";

/** A year. */
const HSTS_ONE_YEAR = "max-age=31536000";

/** A host as it may stand in a header of ours; anything else was sent to break out of it. */
const VALID_HOST = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/;

/**
 * The strictest headers that the web client and the API pages run under: no inline script or style, nothing from
 * elsewhere, no framing.
 */
export async function addSecurityHeaders(app: App, { publicUrl }: Pick<Config, "publicUrl">): Promise<void> {
  const publicHost = publicUrl === null ? undefined : new URL(publicUrl).host;
  // 'self' covers the socket in most browsers, not in all: the host is named too.
  const sockets = (request: { readonly headers: { readonly host?: string | undefined } }): string => {
    const host = publicHost ?? request.headers.host ?? "";
    return VALID_HOST.test(host) ? `ws://${host} wss://${host}` : "'self'";
  };
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
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
    // Sent below, where a request is known to have come over TLS.
    strictTransportSecurity: false,
  });
  const alwaysTls = publicUrl?.startsWith("https:") === true;
  app.addHook("onRequest", async (request, reply) => {
    reply.header("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    if (alwaysTls || request.protocol === "https") reply.header("strict-transport-security", HSTS_ONE_YEAR);
  });
}
