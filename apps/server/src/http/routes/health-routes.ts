import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { Refusal } from "../../access/refusal.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { readBearerToken } from "../security/identity.ts";

const checks = z.record(z.string(), z.enum(["ok", "failed"]));

/** A slower check counts as failed, because the caller has a timeout of its own. */
const CHECK_TIMEOUT_MS = 5_000;

export function addHealthRoutes(app: App, { config, metrics, readiness }: HttpDeps): void {
  app.get(
    "/healthz",
    {
      schema: {
        tags: ["Operation"],
        summary: "Check that the process is alive",
        security: [],
        response: { 200: z.object({ status: z.literal("ok") }) },
      },
    },
    async () => ({ status: "ok" as const }),
  );

  app.get(
    "/readyz",
    {
      schema: {
        tags: ["Operation"],
        summary: "Check that the server can serve requests",
        security: [],
        response: {
          200: z.object({ status: z.literal("ok"), checks }),
          503: z.object({
            error: z.object({ code: z.literal("UNAVAILABLE"), message: z.string() }),
            checks,
          }),
        },
      },
    },
    async (request, reply) => {
      const results = await Promise.all(
        Object.entries(readiness).map(async ([name, check]) => [name, await runCheck(name, check, request)] as const),
      );
      const statuses = Object.fromEntries(
        results.map(([name, ok]) => [name, ok ? ("ok" as const) : ("failed" as const)]),
      );
      reply.header("cache-control", "no-store");
      const failed = results.filter(([, ok]) => !ok).map(([name]) => name);
      if (failed.length === 0) return { status: "ok" as const, checks: statuses };
      const error = { code: "UNAVAILABLE" as const, message: `The server is not ready: ${failed.join(", ")}.` };
      return reply.code(503).send({ error, checks: statuses });
    },
  );

  app.get("/metrics", { schema: { hide: true } }, async (request, reply) => {
    if (!canReadMetrics(request, config)) {
      throw new Refusal(
        "FORBIDDEN",
        "Expected METRICS_TOKEN as a bearer token, or METRICS_ACCESS to allow other requests.",
      );
    }
    return reply
      .header("cache-control", "no-store")
      .type(metrics.contentType)
      .serializer((text: unknown) => String(text))
      .send(await metrics.text());
  });
}

async function runCheck(name: string, check: () => Promise<void>, request: FastifyRequest): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`expected a result within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([check(), timeout]);
    return true;
  } catch (error) {
    // The reason goes to the log only; the response names the check.
    request.log.warn({ err: error, check: name }, "failed a readiness check");
    return false;
  } finally {
    clearTimeout(timer);
  }
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

type MetricsConfig = Pick<HttpDeps["config"], "metricsToken" | "metricsAccess">;

function canReadMetrics(request: FastifyRequest, { metricsToken: token, metricsAccess }: MetricsConfig): boolean {
  const given = readBearerToken(request);
  if (token !== null && given !== undefined) return equalInConstantTime(given, token);
  if (metricsAccess !== "local") return metricsAccess === "anyone";
  const { headers, socket } = request.raw;
  // Behind a proxy on this machine every request comes from loopback, but carries one of these headers.
  const forwarded =
    headers["x-forwarded-for"] ?? headers["x-forwarded-host"] ?? headers.forwarded ?? headers["x-real-ip"];
  return forwarded === undefined && LOOPBACK.test(socket.remoteAddress ?? "");
}

function equalInConstantTime(given: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
