import { setTimeout } from "node:timers/promises";
import { ERRORS, type ErrorCode } from "@multichat/protocol";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { addressKey } from "../../access/address-key.ts";
import type { Pacer } from "../../access/pacer.ts";
import { Refusal } from "../../access/refusal.ts";
import { toRefusal } from "../../access/to-refusal.ts";
import type { App } from "../app.ts";

/**
 * Sends every error as `{ error: { code, message, … } }`, without a stack.
 *
 * @param refusals holds back those of requests that were refused before a limit counted them
 */
export function handleErrors(app: App, refusals: Pacer): void {
  app.setErrorHandler(async (error, request, reply) => {
    const delayMs = request.isCounted ? 0 : refusals.delayMs(`ip:${addressKey(request.ip)}`);
    if (delayMs > 0) await setTimeout(delayMs);
    return sendError(error, request, reply);
  });
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = toRefusal(error) ?? fromFrameworkError(error, request);
  if (refusal === undefined) {
    request.log.error(
      { err: error, method: request.method, route: request.routeOptions.url },
      "failed to handle a request",
    );
    return sendRefusal(reply, new Refusal("INTERNAL"));
  }
  return sendRefusal(reply, refusal);
}

export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  if (refusal.retryAfter !== undefined) reply.header("retry-after", Math.ceil(refusal.retryAfter));
  reply.request.refusedWith = refusal.code;
  // Not serialized by the route's schema, which might not allow this error.
  return reply
    .code(ERRORS[refusal.code].status)
    .header("cache-control", "no-store")
    .type("application/json; charset=utf-8")
    .serializer(JSON.stringify)
    .send({ error: refusal.toWire() });
}

/** Returns the refusal for an error of Fastify itself, or undefined for an unexpected error. */
function fromFrameworkError(error: unknown, request: FastifyRequest): Refusal | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, validation, validationContext, statusCode = 500 } = error as FastifyError;
  if (validation !== undefined) {
    const issues = validation.map((issue) => ({
      path: issue.instancePath.split("/").filter(Boolean).join("."),
      message: issue.message ?? "",
    }));
    return invalidInput(issues, validationContext, request);
  }
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new Refusal("PAYLOAD_TOO_LARGE");
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new Refusal("COMMAND_INVALID", "Expected a JSON body with Content-Type: application/json.");
    case "FST_ERR_CTP_INVALID_JSON_BODY":
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
      return new Refusal("COMMAND_INVALID", "Expected a JSON body, got invalid JSON.");
    case "FST_ERR_BAD_URL":
      return new Refusal("NOT_FOUND");
    case undefined:
      break;
  }
  return statusCode >= 400 && statusCode < 500 ? new Refusal("COMMAND_INVALID", error.message) : undefined;
}

type Issues = NonNullable<Refusal["issues"]>;

function invalidInput(issues: Issues, where: string | undefined, request: FastifyRequest): Refusal {
  const { messageField } = request.routeOptions.config;
  const isMessageError =
    where === "body" && messageField !== undefined && issues.every(({ path }) => path === messageField);
  const code: ErrorCode = isMessageError ? "MESSAGE_INVALID" : "COMMAND_INVALID";
  const [first] = issues;
  const message = first === undefined ? undefined : `${first.path || where || "the request"}: ${first.message}`;
  return new Refusal(code, message, { issues });
}
