import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/**
 * Ends one of one's own sessions; its connections close.
 *
 * @throws Refusal SESSION_NOT_FOUND, also for a session that is somebody else's.
 */
export async function revokeSession(
  context: Context,
  actor: Actor,
  { session }: { readonly session: string },
): Promise<void> {
  if (!(await context.accounts.revoke(actor.id, session))) throw new Refusal("SESSION_NOT_FOUND");
  await context.broadcasts.flush();
}

/** Ends all of one's own sessions but the one that this came by. */
export async function revokeOtherSessions(context: Context, actor: Actor): Promise<void> {
  await context.accounts.revokeAll(actor.id, actor.session ?? undefined);
  await context.broadcasts.flush();
}
