import type { FastifyReply } from "fastify";
import type { JsonText } from "../../access/json-text.ts";

/**
 * Sends JSON as it is. The serializer of a route would parse it, check each property, and make the same text again; what makes it
 * has to leave out what the route's schema does not name.
 */
export function sendJson(reply: Pick<FastifyReply, "type" | "send">, { text }: JsonText): FastifyReply {
  return reply.type("application/json; charset=utf-8").send(text);
}
