import type { ErrorCode } from "@multichat/protocol";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Actor } from "../accounts/accounts.ts";

/** A Fastify instance that validates and types requests with zod. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module "fastify" {
  interface FastifyRequest {
    /** The signed-in user, or null. Set on routes under `/api`. */
    actor: Actor | null;
    /** Whether a limit has counted it, or its pace was kept. */
    isCounted: boolean;
    /** Bytes of the body that was read. */
    bodyBytes: number;
    /** What the reply cost beyond an ordinary one. */
    replyCost: number;
    /** The code of the error that the request is answered with. */
    refusedWith?: ErrorCode;
  }
  interface FastifyContextConfig {
    /**
     * Who can call the route: with "password-change" also a user who has to choose a new password first. Commands decide
     * what the caller can do.
     * @default "signed-in"
     */
    access?: "anyone" | "password-change" | "signed-in";
    /** Whether the limit of its user or address counts requests for it. @default false */
    isLimited?: boolean;
    /** Whether its body is a file, which is written as it arrives and costs as much as an ordinary request. @default false */
    isStreamed?: boolean;
    /** The field of the body that is reported as MESSAGE_INVALID instead of COMMAND_INVALID when it alone is invalid. */
    messageField?: string;
  }
}
