import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { addMember, changeMember, listBans, listMembers, removeMember } from "../../members/index.ts";
import { openDirect } from "../../rooms/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { ban, eventRef, member, responses, room } from "../responses/response-schemas.ts";
import { requireActor } from "../security/identity.ts";
import { roomParams } from "./room-routes.ts";

const memberParams = roomParams.extend({ user: z.string().meta({ description: "The person's id or username." }) });

export function addMemberRoutes(app: App, { context }: Pick<HttpDeps, "context">, { http }: Schemas): void {
  app.get(
    "/rooms/:room/members",
    {
      schema: {
        tags: ["Members"],
        summary: "A room's members, by role, then name",
        description: "At most 500; `count` is of all.",
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
        summary: "Who is banned from a room, newest ban first",
        description: "For moderators of the room. At most 500; `count` is of all.",
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
        summary: "Become a member, or bring somebody",
        description: "Without `user`, oneself: into open rooms. With it: for moderators of the room.",
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
        summary: "Change somebody's role, or mute them",
        description:
          "For moderators of the room; owners are changed and made by owners. `muteSeconds` 0: may write again.",
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
        summary: "Leave, or remove somebody",
        description: "Oneself, or for moderators of the room. `ban=true`: for good; `ban=false` lifts that.",
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
        summary: "The direct conversation with somebody",
        description: "Made at the first time, the same one ever after.",
        body: http.openDirect,
        response: responses(200, z.object({ room })),
      },
    },
    async (request) => ({ room: await openDirect(context, requireActor(request), request.body) }),
  );
}
