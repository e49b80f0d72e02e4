import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Actor } from "../accounts/accounts.ts";

/** A fastify that checks and types requests by zod. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; null: nobody is signed in. Set on routes under `/api`. */
    actor: Actor | null;
  }
  interface FastifyContextConfig {
    /** Who may ask at all: whoever is signed in, where nothing is said. What they may do, the commands decide. */
    access?: "anyone" | "signed-in";
    /** Members of the body whose faults are told as MESSAGE_INVALID instead of COMMAND_INVALID. */
    messageMember?: string;
  }
}
