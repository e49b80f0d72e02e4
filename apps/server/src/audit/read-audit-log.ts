import { canReadAuditLog } from "../access/policies/settings.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { AuditEntry, AuditQuery } from "../store/store.ts";

/**
 * Returns the entries of the audit log that match, newest first. An actor or a target that is an account's name is found in any
 * case, and an actor also under the account's earlier names.
 *
 * @throws Refusal FORBIDDEN.
 */
export async function readAuditLog(
  { store, accounts }: Pick<Context, "store" | "accounts">,
  viewer: Actor,
  { actor, target, ...query }: AuditQuery,
): Promise<readonly AuditEntry[]> {
  if (!canReadAuditLog(viewer)) throw new Refusal("FORBIDDEN");
  const find = async (name: string | undefined) => (name === undefined ? undefined : accounts.find(name));
  const [byActor, byTarget] = await Promise.all([find(actor), find(target)]);
  return store.audit.read({ ...query, actor: byActor?.id ?? actor, target: byTarget?.username ?? target });
}
