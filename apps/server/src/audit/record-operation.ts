import type { Context } from "../context.ts";
import type { NewAuditEntry } from "../store/store.ts";

/** Records what the operator did on the command line. */
export async function recordOperation(
  { store }: Pick<Context, "store">,
  action: string,
  target: string,
  details: NewAuditEntry["details"],
): Promise<void> {
  const actor = { id: "operator", username: "operator" };
  await store.audit.append({ action, outcome: "success", actor, target, address: null, request: null, details });
}
