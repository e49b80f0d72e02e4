import type { Person } from "@multichat/protocol";
import { canSeePeople } from "../access/policies/people.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { toPerson } from "./account-results.ts";

/** Returns every account, including deactivated ones. @throws Refusal FORBIDDEN. */
export async function listPeople(context: Context, actor: Actor): Promise<readonly Person[]> {
  if (!canSeePeople(actor)) throw new Refusal("FORBIDDEN");
  return (await context.accounts.list()).map(toPerson);
}
