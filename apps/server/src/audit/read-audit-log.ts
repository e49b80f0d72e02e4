import { canReadAuditLog } from "../access/policies/settings.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { AuditEntry, AuditQuery } from "../store/store.ts";

/** Returns the entries of the audit log that match, newest first. @throws Refusal FORBIDDEN. */
export async function readAuditLog(
  { store }: Pick<Context, "store">,
  actor: Actor,
  query: AuditQuery,
): Promise<readonly AuditEntry[]> {
  if (!canReadAuditLog(actor)) throw new Refusal("FORBIDDEN");
  return store.audit.read(query);
}
