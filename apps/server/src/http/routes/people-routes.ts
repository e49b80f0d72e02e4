import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { changePerson, createPerson, listPeople, signOutPerson } from "../../people/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { emptyResponse, person, responses } from "../responses/response-schemas.ts";
import { requireActor } from "../security/identity.ts";

const personParams = z.object({ person: z.string().meta({ description: "The person's id or username." }) });
const personResponse = z.object({ person });

export function addPeopleRoutes(app: App, { context }: Pick<HttpDeps, "context">, { http }: Schemas): void {
  app.get(
    "/people",
    {
      schema: {
        tags: ["People"],
        summary: "Everybody who has an account",
        description: "For staff.",
        response: responses(200, z.object({ people: z.array(person).readonly() })),
      },
    },
    async (request) => ({ people: await listPeople(context, requireActor(request)) }),
  );

  app.post(
    "/people",
    {
      schema: {
        tags: ["People"],
        summary: "Make an account",
        description: "For staff; one with a flag, for superusers.",
        body: http.createPerson,
        response: responses(201, personResponse),
      },
    },
    async (request, reply) => {
      const made = await createPerson(context, requireActor(request), request.body);
      return reply.code(201).send({ person: made });
    },
  );

  app.patch(
    "/people/:person",
    {
      schema: {
        tags: ["People"],
        summary: "Change an account",
        description:
          "For staff; the flags `staff` and `superuser`, and anything of a superuser's account, for superusers. A new password and deactivation end all sessions of the account.",
        params: personParams,
        body: http.changePerson,
        response: responses(200, personResponse),
      },
    },
    async (request) => ({
      person: await changePerson(context, requireActor(request), { ...request.body, person: request.params.person }),
    }),
  );

  app.post(
    "/people/:person/sign-out",
    {
      schema: {
        tags: ["People"],
        summary: "End all sessions of an account",
        description: "For staff; of a superuser, for superusers.",
        params: personParams,
        response: responses(200, emptyResponse),
      },
    },
    async (request) => {
      await signOutPerson(context, requireActor(request), request.params);
      return {};
    },
  );
}
