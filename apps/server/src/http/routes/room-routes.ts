import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { JsonText } from "../../access/json-text.ts";
import { toPublicRoom } from "../../access/public-room.ts";
import { getVisibleRoom } from "../../access/visible-room.ts";
import { changeRoom, createRoom, deleteRoom, listRoomsJson, markRead } from "../../rooms/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { emptyResponse, memberState, responses, room, roomListEntry } from "../responses/response-schemas.ts";
import { sendJson } from "../responses/send-json.ts";
import { requireActor } from "../security/identity.ts";

/** Accepts any string: one that is neither an id nor a number is a room that does not exist. */
export const roomParams = z.object({ room: z.string().meta({ description: "The room's id or number." }) });

const roomResponse = z.object({ room });

export function addRoomRoutes(app: App, { context }: Pick<HttpDeps, "context">, { http }: Schemas): void {
  app.get(
    "/rooms",
    {
      schema: {
        tags: ["Rooms"],
        summary: "List rooms",
        response: responses(200, z.object({ rooms: z.array(roomListEntry).readonly() })),
      },
    },
    async (request, reply) =>
      sendJson(reply, JsonText.object({ rooms: await listRoomsJson(context, requireActor(request)) })),
  );

  app.post(
    "/rooms",
    {
      schema: {
        tags: ["Rooms"],
        summary: "Create a room",
        description:
          "For staff, or for everyone, depending on the settings. Only staff can create a staff-only room. The same `clientId` from the same user returns the same room.",
        body: http.createRoom,
        response: responses(201, roomResponse),
      },
    },
    async (request, reply) => {
      const created = await createRoom(context, requireActor(request), request.body);
      return reply.code(201).send({ room: created });
    },
  );

  app.get(
    "/rooms/:room",
    {
      schema: {
        tags: ["Rooms"],
        summary: "Get a room",
        params: roomParams,
        response: responses(200, roomResponse),
      },
    },
    async (request) => ({
      room: toPublicRoom(await getVisibleRoom(context, requireActor(request), request.params.room)),
    }),
  );

  app.patch(
    "/rooms/:room",
    {
      schema: {
        tags: ["Rooms"],
        summary: "Change a room",
        description:
          "Moderators of the room and staff can change the title, topic, slow mode and archived flag; its owners and staff the kind; staff the staff-only flag. Users who can no longer see the room lose it immediately.",
        params: roomParams,
        body: http.changeRoom,
        response: responses(200, roomResponse),
      },
    },
    async (request) => ({
      room: await changeRoom(context, requireActor(request), { room: request.params.room, changes: request.body }),
    }),
  );

  app.patch(
    "/rooms/:room/read-marker",
    {
      schema: {
        tags: ["Rooms"],
        summary: "Move the read marker",
        description:
          "Forward, or anywhere with a higher `revision` than the marker has, which marks messages as unread. A lower revision changes nothing. Returns where the marker is.",
        params: roomParams,
        body: http.moveReadMarker,
        response: responses(200, z.object({ state: memberState })),
      },
    },
    async (request) => ({
      state: await markRead(context, requireActor(request), { room: request.params.room, ...request.body }),
    }),
  );

  app.delete(
    "/rooms/:room",
    {
      schema: {
        tags: ["Rooms"],
        summary: "Delete a room",
        description: "For its owners and staff. The number is never reused.",
        params: roomParams,
        response: responses(200, emptyResponse),
      },
    },
    async (request) => {
      await deleteRoom(context, requireActor(request), request.params);
      return {};
    },
  );
}
