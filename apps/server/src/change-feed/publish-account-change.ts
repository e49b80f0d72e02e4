import type { AccountChange } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { publishDirectRooms } from "./publish-direct-rooms.ts";

/** Publishes a committed change that this process made to an account or its sessions. */
export async function publishAccountChange(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  change: AccountChange,
): Promise<void> {
  if (change.kind === "session") {
    const { user, session, keep } = change;
    return broadcasts.publishSessionEnd(user, { session, keep });
  }
  const { account } = change;
  if (account.active) await broadcasts.publishAccountChange(account);
  else await broadcasts.publishSessionEnd(account.id, { session: null, banned: true });
  await publishDirectRooms({ store }, broadcasts, account.id);
}
