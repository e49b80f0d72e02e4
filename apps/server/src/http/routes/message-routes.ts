import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { deleteMessage, editMessage, pageHistory, postMessage, postNotice } from "../../messages/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { eventRef, historyPage, message, responses } from "../responses/response-schemas.ts";
import { requireActor } from "../security/identity.ts";
import { roomParams } from "./room-routes.ts";

/** Bytes of JSON that one character can take: two halves of a pair, each written as \uXXXX. */
const BYTES_PER_CHARACTER = 12;
const ENVELOPE_BYTES = 1024;

const messageParams = roomParams.extend({ message: z.string().meta({ description: "The message's id." }) });
const messageResponse = eventRef.extend({ message });

export function addMessageRoutes(
  app: App,
  { context, config: { limits, bodyBytes } }: Pick<HttpDeps, "context" | "config">,
  { http }: Schemas,
): void {
  const bodyLimit = Math.max(bodyBytes, limits.messageChars * BYTES_PER_CHARACTER + ENVELOPE_BYTES);
  app.get(
    "/rooms/:room/messages",
    {
      schema: {
        tags: ["Messages"],
        summary: "A page of a room's history, oldest first",
        description: "Before, after or around a seq; without any of these, the latest messages.",
        params: roomParams,
        querystring: http.messagesQuery.refine(
          ({ before, after, around }) => [before, after, around].filter((x) => x !== undefined).length <= 1,
          { message: "expected at most one of before, after and around" },
        ),
        response: responses(200, historyPage),
      },
    },
    async (request) => pageHistory(context, requireActor(request), { ...request.query, room: request.params.room }),
  );

  app.post(
    "/rooms/:room/messages",
    {
      config: { messageMember: "body" },
      bodyLimit,
      schema: {
        tags: ["Messages"],
        summary: "Post a message",
        description:
          "Answered when the message is on disk. The same `clientId` again gets the same answer, and nothing is posted twice.",
        params: roomParams,
        body: http.postMessage,
        response: responses(201, messageResponse),
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      return reply.code(201).send(await postMessage(context, requireActor(request), { ...body, room: params.room }));
    },
  );

  app.post(
    "/rooms/:room/notices",
    {
      config: { messageMember: "text" },
      bodyLimit,
      schema: {
        tags: ["Messages"],
        summary: "Place a notice",
        description:
          "For staff. Kept in the room's log as messages are. The same `clientId` again gets the same answer, and nothing is placed twice.",
        params: roomParams,
        body: http.postNotice,
        response: responses(201, z.object({ seq: z.int(), message })),
      },
    },
    async (request, reply) => {
      const placed = await postNotice(context, requireActor(request), { ...request.body, room: request.params.room });
      return reply.code(201).send({ seq: placed.seq, message: placed });
    },
  );

  app.patch(
    "/rooms/:room/messages/:message",
    {
      config: { messageMember: "body" },
      bodyLimit,
      schema: {
        tags: ["Messages"],
        summary: "Edit a message",
        description: "For who wrote it. The same body again changes nothing.",
        params: messageParams,
        body: http.editMessage,
        response: responses(200, messageResponse),
      },
    },
    async (request) => editMessage(context, requireActor(request), { ...request.params, ...request.body }),
  );

  app.delete(
    "/rooms/:room/messages/:message",
    {
      schema: {
        tags: ["Messages"],
        summary: "Delete a message",
        description: "For who wrote it, and for moderators of the room. It keeps its place, without what it said.",
        params: messageParams,
        response: responses(200, eventRef),
      },
    },
    async (request) => deleteMessage(context, requireActor(request), request.params),
  );
}
