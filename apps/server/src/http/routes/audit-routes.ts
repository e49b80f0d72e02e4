import { AUDIT_ACTIONS, AUDIT_OUTCOMES } from "@multichat/protocol";
import { wholeNumber } from "@multichat/protocol/schemas";
import { z } from "zod";
import { readAuditLog } from "../../audit/index.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";
import { responses } from "../responses/response-schemas.ts";
import { requireActor } from "../security/identity.ts";

const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;

const auditEntry = z.object({
  n: z.number(),
  at: z.number(),
  action: z.string(),
  outcome: z.string(),
  actor: z.object({ id: z.string(), username: z.string() }).nullable(),
  target: z.string().nullable(),
  address: z.string().nullable(),
  request: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  hash: z.string(),
});

const name = z.string().min(1).max(500);
const time = wholeNumber(0);

const auditQuery = z.strictObject({
  before: wholeNumber(1).optional().meta({ description: "Entries with a smaller number." }),
  actor: name.optional().meta({ description: "An account's id or username, or `operator`." }),
  action: z.enum(AUDIT_ACTIONS).optional(),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  target: name.optional().meta({ description: "A username, an id, a route or a file, as it was recorded." }),
  since: time.optional().meta({ description: "At or after this time, in milliseconds since 1970." }),
  until: time.optional().meta({ description: "Before this time, in milliseconds since 1970." }),
  limit: wholeNumber(1, MAX_PAGE).optional(),
});

export function addAuditRoutes(app: App, { context }: Pick<HttpDeps, "context">): void {
  app.get(
    "/audit",
    {
      schema: {
        tags: ["Audit log"],
        summary: "Read the audit log",
        description: "For superusers. Newest first; `before` is the number of an entry.",
        querystring: auditQuery,
        response: responses(200, z.object({ entries: z.array(auditEntry).readonly() })),
      },
    },
    async (request) => {
      const { limit = DEFAULT_PAGE, ...filter } = request.query;
      return { entries: await readAuditLog(context, requireActor(request), { ...filter, limit }) };
    },
  );
}
