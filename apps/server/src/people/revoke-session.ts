import { assertConfirmed } from "../access/confirmation.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import { auditSource } from "../accounts/audit-source.ts";
import type { Context } from "../context.ts";

/**
 * Ends one of the actor's sessions.
 *
 * @throws Refusal CONFIRMATION_REQUIRED; SESSION_NOT_FOUND, also for another user's session.
 */
export async function revokeSession(
  context: Context,
  actor: Actor,
  { session }: { readonly session: string },
): Promise<void> {
  assertConfirmed(actor);
  if (!(await context.accounts.revoke(actor.id, session, auditSource(actor)))) throw new Refusal("SESSION_NOT_FOUND");
  await context.broadcasts.flush();
}

/** Ends all of the actor's sessions except the current one. @throws Refusal CONFIRMATION_REQUIRED. */
export async function revokeOtherSessions(context: Context, actor: Actor): Promise<void> {
  assertConfirmed(actor);
  await context.accounts.revokeAll(actor.id, actor.session ?? undefined, auditSource(actor));
  await context.broadcasts.flush();
}
