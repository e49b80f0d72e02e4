import type { AccountChange } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** Tells a person's connections what became of the account or its sessions in this process, after the commit. */
export async function tellAccountChange(
  { broadcasts }: Pick<Context, "broadcasts">,
  change: AccountChange,
): Promise<void> {
  if (change.kind === "session") {
    const { user, session, keep } = change;
    return broadcasts.sessionEnded(user, { session, keep });
  }
  if (change.account.active) return broadcasts.accountChanged(change.account);
  return broadcasts.sessionEnded(change.account.id, { session: null, banned: true });
}
