import type { Session } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** One's own sessions; nobody lists another's. */
export function listSessions(context: Context, actor: Actor): Promise<readonly Session[]> {
  return context.accounts.sessions(actor.id, actor.session);
}
