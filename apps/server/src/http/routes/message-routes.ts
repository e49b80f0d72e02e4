import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { deleteMessage, editMessage, postMessage, postNotice, readHistoryJson } from "../../messages/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { eventRef, historyPage, message, responses } from "../responses/response-schemas.ts";
import { sendJson } from "../responses/send-json.ts";
import { requireActor } from "../security/identity.ts";
import { roomParams } from "./room-routes.ts";

/** The maximum JSON size of a character: two surrogates, each escaped as \uXXXX. */
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
        summary: "List messages",
        description:
          "A page of the room's history, oldest first: before, after or around a seq, or the latest messages.",
        params: roomParams,
        querystring: http.messagesQuery.refine(
          ({ before, after, around }) => [before, after, around].filter((x) => x !== undefined).length <= 1,
          { message: "expected at most one of before, after and around" },
        ),
        response: responses(200, historyPage),
      },
    },
    async (request, reply) => {
      const page = { ...request.query, room: request.params.room };
      return sendJson(reply, await readHistoryJson(context, requireActor(request), page));
    },
  );

  app.post(
    "/rooms/:room/messages",
    {
      config: { messageField: "body" },
      bodyLimit,
      schema: {
        tags: ["Messages"],
        summary: "Post a message",
        description:
          "Responds after the message is on disk. A repeat with the same `clientId` gets the same response and posts nothing.",
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
      config: { messageField: "text" },
      bodyLimit,
      schema: {
        tags: ["Messages"],
        summary: "Post a notice",
        description:
          "For staff. Stored in the room's log like a message. A repeat with the same `clientId` gets the same response and posts nothing.",
        params: roomParams,
        body: http.postNotice,
        response: responses(201, z.object({ seq: z.int(), message })),
      },
    },
    async (request, reply) => {
      const notice = await postNotice(context, requireActor(request), { ...request.body, room: request.params.room });
      return reply.code(201).send({ seq: notice.seq, message: notice });
    },
  );

  app.patch(
    "/rooms/:room/messages/:message",
    {
      config: { messageField: "body" },
      bodyLimit,
      schema: {
        tags: ["Messages"],
        summary: "Edit a message",
        description:
          "For the author. An edit to the same body changes nothing. With `expectedEditedAt`, a message whose `editedAt` is another one is not changed (MESSAGE_CHANGED).",
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
        description: "For the author and the moderators of the room. The message keeps its seq and loses its content.",
        params: messageParams,
        response: responses(200, eventRef),
      },
    },
    async (request) => deleteMessage(context, requireActor(request), request.params),
  );
}
