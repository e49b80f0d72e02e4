import cors from "@fastify/cors";
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
  await app.register(cors, {
    origin: [...allowedOrigins],
    credentials: allowedOriginsCredentials,
    methods: ["GET", "HEAD", "POST", "PATCH", "DELETE"],
    allowedHeaders: ["authorization", "content-type"],
    maxAge: PREFLIGHT_SECONDS,
    strictPreflight: true,
  });
}
