import type { AccountChange } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** Publishes a committed change that this process made to an account or its sessions. */
export async function publishAccountChange(
  { broadcasts }: Pick<Context, "broadcasts">,
  change: AccountChange,
): Promise<void> {
  if (change.kind === "session") {
    const { user, session, keep } = change;
    return broadcasts.publishSessionEnd(user, { session, keep });
  }
  if (change.account.active) return broadcasts.publishAccountChange(change.account);
  return broadcasts.publishSessionEnd(change.account.id, { session: null, banned: true });
}
