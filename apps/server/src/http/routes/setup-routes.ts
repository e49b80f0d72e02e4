import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { person, responses, room } from "../responses/response-schemas.ts";
import { forwardCookies, forwardToAccounts, readAccountsResponse } from "../security/auth-forwarding.ts";

const setupState = z.object({
  needed: z.boolean().meta({ description: "Whether nobody has an account yet." }),
  open: z.boolean().meta({ description: "Whether this token would open the first run." }),
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
        tags: ["First run"],
        summary: "Whether the server waits for its first administrator",
        security: [],
        querystring: z.object({ token: z.string().max(200).optional() }),
        response: responses(200, setupState),
      },
    },
    async ({ query: { token } }) => ({
      needed: await setup.isNeeded(),
      open: token !== undefined && (await setup.acceptsToken(token)),
    }),
  );

  app.post(
    "/setup",
    {
      config: { access: "anyone" },
      schema: {
        tags: ["First run"],
        summary: "Make the first administrator and the first room",
        description:
          "With the one-time token from the address that the server printed when it was started. Signs the administrator in.",
        security: [],
        body: http.setup,
        response: responses(201, z.object({ person, room })),
      },
    },
    async (request, reply) => {
      const { token, ...first } = request.body;
      const made = await setup.run(token, first);
      const { username, password } = first;
      const response = await forwardToAccounts(context.accounts, request, "sign-in/username", { username, password });
      await readAccountsResponse(response);
      forwardCookies(response, reply);
      return reply.code(201).send(made);
    },
  );
}
