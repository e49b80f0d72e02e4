import type { ErrorCode } from "@multichat/protocol";
import type { FastifyRequest } from "fastify";
import type { Accounts } from "../../accounts/accounts.ts";
import type { SecurityEvent, SecurityLog } from "../../audit/index.ts";
import type { App } from "../app.ts";

/** The routes whose every use is recorded. */
const ACTIONS: ReadonlyMap<string, string> = new Map([
  ["POST /api/auth/sign-in/username", "sign-in"],
  ["POST /api/auth/sign-out", "sign-out"],
  ["POST /api/me/password", "password.change"],
  ["POST /api/me/confirm", "password.confirm"],
  ["DELETE /api/sessions", "session.end-others"],
  ["DELETE /api/sessions/:session", "session.end"],
  ["POST /api/people", "person.create"],
  ["PATCH /api/people/:person", "person.change"],
  ["POST /api/people/:person/sign-out", "person.sign-out"],
  ["PATCH /api/settings", "settings.change"],
  ["POST /api/setup", "setup"],
]);

/** Of any other route, requests that end so are recorded too. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  "FORBIDDEN",
  "ROOM_ACCESS_DENIED",
  "ORIGIN_NOT_ALLOWED",
  "CONFIRMATION_REQUIRED",
  "PASSWORD_CHANGE_REQUIRED",
  "RATE_LIMITED",
]);

/** Fields of bodies that are recorded; every other one may be a secret. */
const RECORDED_FIELDS = [
  "staff",
  "superuser",
  "active",
  "passwordChangeRequired",
  "roomCreators",
  "allMentioners",
  "historyReaders",
] as const;

/** Records who signed in and out, what was changed about accounts and settings, and what was refused, before the answer. */
export function recordSecurityEvents(app: App, log: SecurityLog, accounts: Pick<Accounts, "find">): void {
  app.addHook("onSend", async (request, reply) => {
    const route = `${request.method} ${request.routeOptions.url ?? ""}`;
    const { refusedWith } = request;
    const action = ACTIONS.get(route);
    if (action === undefined && (refusedWith === undefined || !REFUSALS.has(refusedWith))) return;
    // A sign-out without a session does nothing.
    if (action === "sign-out" && request.actor === null) return;
    const { target, person } = await findTarget(request, accounts);
    const hasSignedIn = person !== null && request.actor === null && reply.statusCode < 300;
    const event: SecurityEvent = {
      action: action ?? "access.refuse",
      outcome:
        reply.statusCode < 300
          ? "success"
          : refusedWith !== undefined && REFUSALS.has(refusedWith)
            ? "refused"
            : "failure",
      actor: toActor(hasSignedIn ? person : request.actor),
      target: action === undefined ? route : target,
      address: request.ip,
      request: String(request.id),
      details: { ...(refusedWith === undefined ? {} : { code: refusedWith }), ...recordedFields(request.body) },
    };
    await log.record(event);
  });
}

type Named = { readonly id: string; readonly username: string };

function toActor(actor: Named | null): Named | null {
  return actor === null ? null : { id: actor.id, username: actor.username };
}

/**
 * Returns what the request is about. A name is recorded only if it is one of an account: people also type their password into
 * the field of the name.
 */
async function findTarget(
  request: FastifyRequest,
  accounts: Pick<Accounts, "find">,
): Promise<{ target: string | null; person: Named | null }> {
  const { params, body } = request as { params?: Record<string, unknown>; body?: Record<string, unknown> | null };
  const given = params?.person ?? body?.username;
  if (typeof given === "string") {
    const person = (await accounts.find(given).catch(() => undefined)) ?? null;
    return { target: person?.username ?? null, person };
  }
  const { session } = params ?? {};
  return { target: typeof session === "string" ? session.slice(0, 64) : null, person: null };
}

function recordedFields(body: unknown): Record<string, string | boolean> {
  if (typeof body !== "object" || body === null) return {};
  const found: Record<string, string | boolean> =
    "password" in body && Object.keys(body).length > 0 ? { password: "given" } : {};
  for (const name of RECORDED_FIELDS) {
    const value = (body as Record<string, unknown>)[name];
    if (typeof value === "boolean") found[name] = value;
    else if (typeof value === "string") found[name] = value.slice(0, 32);
  }
  return found;
}
