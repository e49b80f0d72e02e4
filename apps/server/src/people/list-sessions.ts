import type { Session } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** Returns the actor's sessions. Sessions of other users cannot be listed. */
export function listSessions(context: Context, actor: Actor): Promise<readonly Session[]> {
  return context.accounts.sessions(actor.id, actor.session);
}
