import type { Person } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import { canSeePeople } from "../policies/people.ts";
import { personOf } from "./account-refusals.ts";
import type { Context } from "./context.ts";
import { Refusal } from "./refusal.ts";

/** Everybody who has an account, deactivated ones too. */
export async function listPeople(context: Context, actor: Actor): Promise<readonly Person[]> {
  if (!canSeePeople(actor)) throw new Refusal("FORBIDDEN");
  return (await context.accounts.list()).map(personOf);
}
