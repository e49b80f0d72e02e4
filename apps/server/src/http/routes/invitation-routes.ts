import { INVITATION_STATES, type Invitation } from "@multichat/protocol";
import type { Schemas } from "@multichat/protocol/schemas";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  acceptInvitation,
  createInvitation,
  listInvitations,
  readInvitation,
  revokeInvitation,
} from "../../invitations/index.ts";
import { createResetLink, readResetLink, resetPassword } from "../../people/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { author, emptyResponse, person, responses, time } from "../responses/response-schemas.ts";
import { forwardCookies, forwardToAccounts, readAccountsResponse } from "../security/auth-forwarding.ts";
import { readOrigin, requireActor } from "../security/identity.ts";

const invitation = z.object({
  id: z.string(),
  state: z.enum(INVITATION_STATES).meta({
    description: "`withdrawn`: who made it may no longer create such accounts.",
  }),
  by: author.nullable().meta({ description: "null for the command line." }),
  createdAt: time,
  expiresAt: time.nullable().meta({ description: "null: never." }),
  maxUses: z.int().min(1).nullable().meta({ description: "null: any number." }),
  uses: z.int().min(0),
  staff: z.boolean(),
  rooms: z.array(z.object({ id: z.string(), number: z.int(), title: z.string() })).readonly(),
  people: z
    .array(author)
    .readonly()
    .meta({ description: "The accounts that it created, the newest first, at most 100." }),
}) satisfies z.ZodType<Invitation>;

const token = z
  .string()
  .meta({ description: "The part of the link after `#token=`. It is not stored and cannot be shown again." });
const TOKEN_IN_BODY = "The token is the part of the link after `#token=`.";

export function addInvitationRoutes(app: App, { context }: Pick<HttpDeps, "context">, { http }: Schemas): void {
  app.get(
    "/invitations",
    {
      schema: {
        tags: ["People"],
        summary: "List invitations",
        description: "For staff. The newest 500, with those of their rooms that you can see.",
        response: responses(200, z.object({ invitations: z.array(invitation).readonly() })),
      },
    },
    async (request) => ({ invitations: await listInvitations(context, requireActor(request)) }),
  );

  app.post(
    "/invitations",
    {
      schema: {
        tags: ["People"],
        summary: "Create an invitation link",
        description:
          "For staff. People with the link `/invite#token=TOKEN` create their own accounts, which become members of the rooms: you have to be able to invite to each. By default it is for one account and seven days. Only superusers invite staff, after a recent sign-in or `POST /api/me/confirm`.",
        body: http.createInvitation,
        response: responses(201, z.object({ invitation, token })),
      },
    },
    async (request, reply) => {
      const created = await createInvitation(context, requireActor(request), request.body);
      return reply.code(201).send(created);
    },
  );

  app.delete(
    "/invitations/:invitation",
    {
      schema: {
        tags: ["People"],
        summary: "Revoke an invitation link",
        description: "For staff. The accounts that were created with it stay.",
        params: z.object({ invitation: z.string() }),
        response: responses(200, emptyResponse),
      },
    },
    async (request) => {
      await revokeInvitation(context, requireActor(request), request.params);
      return {};
    },
  );

  app.post(
    "/invitations/token",
    {
      config: { access: "anyone" },
      schema: {
        tags: ["Authentication"],
        summary: "Check an invitation link",
        description: TOKEN_IN_BODY,
        security: [],
        body: http.linkToken,
        response: responses(
          200,
          z.object({ by: z.string().nullable().meta({ description: "Who invites; null for the command line." }) }),
        ),
      },
    },
    ({ body }) => readInvitation(context, body),
  );

  app.post(
    "/invitations/accept",
    {
      config: { access: "anyone" },
      schema: {
        tags: ["Authentication"],
        summary: "Create your account with an invitation link",
        description: `${TOKEN_IN_BODY} Signs the new account in.`,
        security: [],
        body: http.acceptInvitation,
        response: responses(201, z.object({ person })),
      },
    },
    async (request, reply) => {
      const created = await acceptInvitation(context, request.body, readOrigin(request));
      await signIn(request, reply, { username: created.username, password: request.body.password });
      return reply.code(201).send({ person: created });
    },
  );

  app.post(
    "/people/:person/reset-link",
    {
      schema: {
        tags: ["People"],
        summary: "Create a link to reset a password",
        description:
          "For staff. The user of the account chooses a new password at `/reset#token=TOKEN`, once, within 24 hours; an earlier link stops working. Only superusers create one for a staff account, and nobody for their own. Requires a recent sign-in or `POST /api/me/confirm`.",
        params: z.object({ person: z.string().meta({ description: "The user's id or username." }) }),
        response: responses(201, z.object({ token, expiresAt: time })),
      },
    },
    async (request, reply) => {
      const link = await createResetLink(context, requireActor(request), request.params);
      return reply.code(201).send(link);
    },
  );

  app.post(
    "/reset-links/token",
    {
      config: { access: "anyone" },
      schema: {
        tags: ["Authentication"],
        summary: "Check a link to reset a password",
        description: TOKEN_IN_BODY,
        security: [],
        body: http.linkToken,
        response: responses(200, z.object({ username: z.string() })),
      },
    },
    ({ body }) => readResetLink(context, body),
  );

  app.post(
    "/reset-links/use",
    {
      config: { access: "anyone" },
      schema: {
        tags: ["Authentication"],
        summary: "Choose a new password with a reset link",
        description: `${TOKEN_IN_BODY} Ends all sessions of the account, and signs it in.`,
        security: [],
        body: http.resetPassword,
        response: responses(200, z.object({ username: z.string() })),
      },
    },
    async (request, reply) => {
      const { username } = await resetPassword(context, request.body, readOrigin(request));
      await signIn(request, reply, { username, password: request.body.password });
      return { username };
    },
  );

  /** The account has just been given this password, so no guess is counted. */
  async function signIn(
    request: FastifyRequest,
    reply: FastifyReply,
    credentials: { readonly username: string; readonly password: string },
  ): Promise<void> {
    const response = await forwardToAccounts(context.accounts, request, "sign-in/username", credentials);
    await readAccountsResponse(response);
    forwardCookies(response, reply);
  }
}
