import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { changePerson, createPerson, listPeople, signOutPerson } from "../../people/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { emptyResponse, person, responses } from "../responses/response-schemas.ts";
import { requireActor } from "../security/identity.ts";

const personParams = z.object({ person: z.string().meta({ description: "The user's id or username." }) });
const personResponse = z.object({ person });

export function addPeopleRoutes(app: App, { context }: Pick<HttpDeps, "context">, { http }: Schemas): void {
  app.get(
    "/people",
    {
      schema: {
        tags: ["People"],
        summary: "List accounts",
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
        summary: "Create an account",
        description:
          "For staff. Only superusers can set the flags `staff` and `superuser`. With `passwordChangeRequired` the user has to choose another password after the first sign-in.",
        body: http.createPerson,
        response: responses(201, personResponse),
      },
    },
    async (request, reply) => {
      const person = await createPerson(context, requireActor(request), request.body);
      return reply.code(201).send({ person });
    },
  );

  app.patch(
    "/people/:person",
    {
      schema: {
        tags: ["People"],
        summary: "Change an account",
        description:
          "For staff. Only superusers can change the flags `staff` and `superuser`, a superuser's account, or the password of a staff account; nobody changes their own password here. A new password or deactivation ends all sessions of the account, and its user has to choose another password after the next sign-in. Requires a recent sign-in or `POST /api/me/confirm`.",
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
        summary: "Sign an account out everywhere",
        description:
          "For staff. Only superusers can sign out a superuser. Requires a recent sign-in or `POST /api/me/confirm`.",
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
