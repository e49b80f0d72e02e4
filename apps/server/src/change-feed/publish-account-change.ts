import type { AccountChange } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** Tells a person's connections what became of the account or its sessions in this process, after the commit. */
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
