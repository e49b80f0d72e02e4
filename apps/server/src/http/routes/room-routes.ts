import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { toPublicRoom } from "../../access/public-room.ts";
import { getVisibleRoom } from "../../access/visible-room.ts";
import { changeRoom, createRoom, deleteRoom, listRooms } from "../../rooms/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { emptyResponse, responses, room, roomListEntry } from "../responses/response-schemas.ts";
import { requireActor } from "../security/identity.ts";

/** Any text: what is no room's id or number is a room that does not exist. */
export const roomParams = z.object({ room: z.string().meta({ description: "The room's id or its number." }) });

const roomResponse = z.object({ room });

export function addRoomRoutes(app: App, { context }: Pick<HttpDeps, "context">, { http }: Schemas): void {
  app.get(
    "/rooms",
    {
      schema: {
        tags: ["Rooms"],
        summary: "The rooms that one may see",
        response: responses(200, z.object({ rooms: z.array(roomListEntry).readonly() })),
      },
    },
    async (request) => ({ rooms: await listRooms(context, requireActor(request)) }),
  );

  app.post(
    "/rooms",
    {
      schema: {
        tags: ["Rooms"],
        summary: "Make a room",
        description:
          "For staff; for everybody where the settings say so. A staff-only room is made by staff. The same `clientId` from the same person answers with the same room.",
        body: http.createRoom,
        response: responses(201, roomResponse),
      },
    },
    async (request, reply) => {
      const made = await createRoom(context, requireActor(request), request.body);
      return reply.code(201).send({ room: made });
    },
  );

  app.get(
    "/rooms/:room",
    {
      schema: {
        tags: ["Rooms"],
        summary: "Look at a room",
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
          "Title, topic, slow mode and archived: for moderators of the room and staff; kind: for its owners and staff; staff-only: for staff. Whoever may not see the room any more loses it at once.",
        params: roomParams,
        body: http.changeRoom,
        response: responses(200, roomResponse),
      },
    },
    async (request) => ({
      room: await changeRoom(context, requireActor(request), { room: request.params.room, changes: request.body }),
    }),
  );

  app.delete(
    "/rooms/:room",
    {
      schema: {
        tags: ["Rooms"],
        summary: "Delete a room",
        description: "For its owners and staff. Its number is never given again.",
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
