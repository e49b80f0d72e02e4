import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { addMember, changeMember, listBans, listMembers, removeMember } from "../../members/index.ts";
import { openDirect } from "../../rooms/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { ban, eventRef, member, responses, room } from "../responses/response-schemas.ts";
import { requireActor } from "../security/identity.ts";
import { roomParams } from "./room-routes.ts";

const memberParams = roomParams.extend({ user: z.string().meta({ description: "The user's id or username." }) });

export function addMemberRoutes(app: App, { context }: Pick<HttpDeps, "context">, { http }: Schemas): void {
  app.get(
    "/rooms/:room/members",
    {
      schema: {
        tags: ["Members"],
        summary: "List members",
        description: "At most 500, ordered by role, then name; `count` is the total.",
        params: roomParams,
        response: responses(200, z.object({ members: z.array(member).readonly(), count: z.int().min(0) })),
      },
    },
    async (request) => listMembers(context, requireActor(request), request.params),
  );

  app.get(
    "/rooms/:room/bans",
    {
      schema: {
        tags: ["Members"],
        summary: "List bans",
        description: "For moderators of the room. At most 500, newest first; `count` is the total.",
        params: roomParams,
        response: responses(200, z.object({ banned: z.array(ban).readonly(), count: z.int().min(0) })),
      },
    },
    async (request) => listBans(context, requireActor(request), request.params),
  );

  app.post(
    "/rooms/:room/members",
    {
      schema: {
        tags: ["Members"],
        summary: "Add a member",
        description: "Without `user`, the caller joins an open room. With it, a moderator of the room adds that user.",
        params: roomParams,
        body: http.addMember,
        response: responses(201, eventRef),
      },
    },
    async (request, reply) => {
      const added = await addMember(context, requireActor(request), { ...request.body, room: request.params.room });
      return reply.code(201).send(added);
    },
  );

  app.patch(
    "/rooms/:room/members/:user",
    {
      schema: {
        tags: ["Members"],
        summary: "Change a member's role, or mute a member",
        description: "For moderators of the room; only owners can change or appoint owners. `muteSeconds: 0` unmutes.",
        params: memberParams,
        body: http.changeMember,
        response: responses(200, eventRef),
      },
    },
    async (request) => changeMember(context, requireActor(request), { ...request.body, ...request.params }),
  );

  app.delete(
    "/rooms/:room/members/:user",
    {
      schema: {
        tags: ["Members"],
        summary: "Remove a member",
        description:
          "Users can remove themselves, moderators of the room can remove others. `ban=true` also bans the user, `ban=false` lifts the ban.",
        params: memberParams,
        querystring: http.removeMemberQuery,
        response: responses(200, eventRef),
      },
    },
    async (request) => removeMember(context, requireActor(request), { ...request.params, ...request.query }),
  );

  app.post(
    "/direct",
    {
      schema: {
        tags: ["Rooms"],
        summary: "Open a direct conversation",
        description: "Returns the conversation with the user; creates it if there is none.",
        body: http.openDirect,
        response: responses(200, z.object({ room })),
      },
    },
    async (request) => ({ room: await openDirect(context, requireActor(request), request.body) }),
  );
}
