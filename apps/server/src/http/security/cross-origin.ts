import cors from "@fastify/cors";
import { Refusal } from "../../access/refusal.ts";
import type { Config } from "../../config/config.ts";
import type { App } from "../app.ts";

/** How long a browser remembers a preflight. */
const PREFLIGHT_SECONDS = 600;

/** Lets pages of exactly `ALLOWED_ORIGINS` read responses, with cookies only if the configuration says so. */
export async function allowOrigins(
  app: App,
  { allowedOrigins, allowedOriginsCredentials }: Pick<Config, "allowedOrigins" | "allowedOriginsCredentials">,
): Promise<void> {
  if (allowedOrigins.length === 0) return;
  // The plugin would answer these with a text of its own.
  app.addHook("onRequest", async ({ method, headers }) => {
    if (method !== "OPTIONS") return;
    if (!headers.origin || !headers["access-control-request-method"]) {
      throw new Refusal("COMMAND_INVALID", "Expected a preflight with Origin and Access-Control-Request-Method.");
    }
  });
  await app.register(cors, {
    origin: [...allowedOrigins],
    credentials: allowedOriginsCredentials,
    methods: ["GET", "HEAD", "POST", "PATCH", "DELETE"],
    allowedHeaders: ["authorization", "content-type"],
    maxAge: PREFLIGHT_SECONDS,
    strictPreflight: true,
  });
}
