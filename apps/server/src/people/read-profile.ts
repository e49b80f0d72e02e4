import type { Limits, Me } from "@multichat/protocol";
import { canReadVersions } from "../access/policies/messages.ts";
import { canCreateRoom } from "../access/policies/rooms.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { toMe } from "./account-results.ts";

/** The signed-in user, and what a client needs to know to show the right controls. */
export interface Profile {
  readonly me: Me;
  readonly limits: Limits;
  readonly mayCreateRooms: boolean;
  /** Whether the user may read earlier versions of edited or deleted messages. */
  readonly mayReadVersions: boolean;
}

/** @throws Refusal USER_HAS_TO_LOGIN where the account no longer exists. */
export async function readProfile(
  { accounts, store, limits }: Pick<Context, "accounts" | "store" | "limits">,
  actor: Actor,
): Promise<Profile> {
  const [account, settings] = await Promise.all([accounts.find(actor.id), store.settings.get()]);
  if (account === undefined) throw new Refusal("USER_HAS_TO_LOGIN");
  return {
    me: toMe(account),
    limits,
    mayCreateRooms: canCreateRoom(actor, settings),
    mayReadVersions: canReadVersions(actor, settings),
  };
}
