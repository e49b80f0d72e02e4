import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { Refusal } from "../../access/refusal.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { person, responses, room } from "../responses/response-schemas.ts";
import { forwardCookies, forwardToAccounts, readAccountsResponse } from "../security/auth-forwarding.ts";
import { readOrigin } from "../security/identity.ts";

const setupState = z.object({
  needed: z.boolean().meta({ description: "True if there are no accounts yet." }),
});

const tokenState = z.object({
  open: z.boolean().meta({ description: "True if this token is valid for the setup, and the setup is still needed." }),
});

export function addSetupRoutes(
  app: App,
  { context, setup }: Pick<HttpDeps, "context" | "setup">,
  { http }: Schemas,
): void {
  app.get(
    "/setup",
    {
      config: { access: "anyone" },
      schema: {
        tags: ["Setup"],
        summary: "Check whether the server needs to be set up",
        security: [],
        response: responses(200, setupState),
      },
      // Before unread parameters are refused, because this says what to do.
      onRequest: async ({ query }) => {
        // Addresses reach the logs of proxies and the history of browsers.
        if (typeof query === "object" && query !== null && Object.hasOwn(query, "token")) {
          throw new Refusal(
            "COMMAND_INVALID",
            "Expected the setup token in the body of POST /api/setup/token, got it in the address.",
          );
        }
      },
    },
    async () => ({ needed: await setup.isNeeded() }),
  );

  app.post(
    "/setup/token",
    {
      config: { access: "anyone" },
      schema: {
        tags: ["Setup"],
        summary: "Check whether a token is valid for the setup",
        description: "The token is the part after `#token=` of the URL that the server printed at start.",
        security: [],
        body: http.setupToken,
        response: responses(200, tokenState),
      },
    },
    async ({ body: { token } }) => ({ open: await setup.acceptsToken(token) }),
  );

  app.post(
    "/setup",
    {
      config: { access: "anyone" },
      schema: {
        tags: ["Setup"],
        summary: "Create the first administrator and the first room",
        description:
          "Requires the one-time token from the URL that the server printed at start. Signs the administrator in.",
        security: [],
        body: http.setup,
        response: responses(201, z.object({ person, room })),
      },
    },
    async (request, reply) => {
      const { token, ...input } = request.body;
      const created = await setup.run(token, input, readOrigin(request));
      const { username, password } = input;
      const response = await forwardToAccounts(context.accounts, request, "sign-in/username", { username, password });
      await readAccountsResponse(response);
      forwardCookies(response, reply);
      return reply.code(201).send(created);
    },
  );
}
