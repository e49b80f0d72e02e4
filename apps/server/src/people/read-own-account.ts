import type { Me } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** Returns the actor's account as its user sees it. */
export async function readOwnAccount({ accounts }: Pick<Context, "accounts">, actor: Actor): Promise<Me> {
  const { id, username, staff, superuser } = actor;
  const account = await accounts.find(id);
  return { id, username, email: account?.email ?? null, staff, superuser };
}
