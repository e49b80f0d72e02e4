import { ALL_MENTIONERS, type AuditAction, HISTORY_READERS, ROOM_CREATORS } from "@multichat/protocol";
import type { FastifyRequest } from "fastify";
import type { Accounts } from "../../accounts/accounts.ts";
import { isInvalidInput, isRecordedRefusal, type SecurityEvent, type SecurityLog } from "../../audit/index.ts";
import { readSessionCookie } from "../../config/session-cookies.ts";
import type { App } from "../app.ts";
import { readOrigin } from "./identity.ts";

/** The routes whose every failure is recorded. The changes that succeed record themselves, in their own transactions. */
const ACTIONS: ReadonlyMap<string, AuditAction> = new Map([
  ["POST /api/auth/sign-in/username", "sign-in"],
  ["POST /api/auth/sign-out", "sign-out"],
  ["POST /api/me/password", "password.change"],
  ["POST /api/me/confirm", "password.confirm"],
  ["DELETE /api/sessions", "session.end-others"],
  ["DELETE /api/sessions/:session", "session.end"],
  ["POST /api/people", "person.create"],
  ["PATCH /api/people/:person", "person.change"],
  ["POST /api/people/:person/sign-out", "person.sign-out"],
  ["POST /api/people/:person/reset-link", "reset-link.create"],
  ["POST /api/invitations", "invitation.create"],
  ["DELETE /api/invitations/:invitation", "invitation.revoke"],
  ["POST /api/reset-links/use", "password.reset"],
  ["PATCH /api/settings", "settings.change"],
  ["POST /api/setup", "setup"],
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

/** Their values. A refused body may hold any other text in these fields. */
const SETTINGS: ReadonlySet<string> = new Set([...ROOM_CREATORS, ...ALL_MENTIONERS, ...HISTORY_READERS]);

/** Records which sign-ins and changes failed, and what was refused, before the answer; logs which input was invalid. */
export function recordSecurityEvents(
  app: App,
  log: Pick<SecurityLog, "record" | "noteInvalidInput">,
  accounts: Pick<Accounts, "find">,
): void {
  app.addHook("onSend", async (request, reply) => {
    if (reply.statusCode < 300) return;
    const route = `${request.method} ${request.routeOptions.url ?? ""}`;
    const action = ACTIONS.get(route);
    const isRefused = isAccessRefused(request);
    const { refusedWith } = request;
    const actor = request.actor === null ? null : { id: request.actor.id, username: request.actor.username };
    if (refusedWith !== undefined && isInvalidInput(refusedWith)) {
      log.noteInvalidInput({ code: refusedWith, actor, target: route, ...readOrigin(request) });
    }
    if (action === undefined && !isRefused) return;
    const event: SecurityEvent = {
      action: action ?? "access.refuse",
      outcome: isRefused ? "refused" : "failure",
      actor,
      target: action === undefined ? route : await findTarget(request, accounts),
      ...readOrigin(request),
      details: { ...(refusedWith === undefined ? {} : { code: refusedWith }), ...recordedFields(request.body) },
    };
    await log.record(event);
  });
}

/** A page that nobody is signed in on asks without credentials; only wrong or expired ones are recorded. */
function isAccessRefused({ refusedWith, headers }: FastifyRequest): boolean {
  if (refusedWith === undefined || !isRecordedRefusal(refusedWith)) return false;
  if (refusedWith !== "USER_HAS_TO_LOGIN") return true;
  // `addTransportSecurity` has given it its classic name.
  return headers.authorization !== undefined || readSessionCookie(headers.cookie, "") !== undefined;
}

/**
 * Returns what the request is about. A name is recorded only if it is one of an account: people also type their password into
 * the field of the name.
 */
async function findTarget(request: FastifyRequest, accounts: Pick<Accounts, "find">): Promise<string | null> {
  const { params, body } = request as { params?: Record<string, unknown>; body?: Record<string, unknown> | null };
  const given = params?.person ?? body?.username;
  if (typeof given !== "string") return null;
  // An entry without its target is better than none: the failure of the request itself is reported where it happens.
  return (await accounts.find(given).catch(() => undefined))?.username ?? null;
}

function recordedFields(body: unknown): Record<string, string | boolean> {
  if (typeof body !== "object" || body === null) return {};
  const found: Record<string, string | boolean> = "password" in body ? { password: "given" } : {};
  for (const name of RECORDED_FIELDS) {
    const value = (body as Record<string, unknown>)[name];
    if (typeof value === "boolean" || (typeof value === "string" && SETTINGS.has(value))) found[name] = value;
  }
  return found;
}
