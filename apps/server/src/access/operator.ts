import type { Actor } from "../accounts/accounts.ts";
import { auditSource } from "../accounts/audit-source.ts";
import type { ActorRef, AuditSource } from "../store/store.ts";

/** The actor of the command line on the server's own machine. Has no account and every permission. */
export const OPERATOR: Actor = Object.freeze({
  id: "operator",
  username: "operator",
  staff: true,
  superuser: true,
  operator: true,
  session: null,
});

/** Returns the actor as a room's log records it; null for the operator, who has no account to refer to. */
export function toActorRef(actor: Actor): ActorRef {
  return actor === OPERATOR ? null : { id: actor.id, username: actor.username };
}

/** Returns the operator's entry in the audit log; undefined for accounts, whom the room's log names. */
export function operatorSource(actor: Actor): AuditSource | undefined {
  return actor === OPERATOR ? auditSource(OPERATOR) : undefined;
}
