import type { Person } from "@multichat/protocol";
import { canCreatePerson } from "../access/policies/people.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor, NewAccount } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { toPerson, unwrapAccount } from "./account-results.ts";

/** Creates an account. @throws Refusal FORBIDDEN, USERNAME_TAKEN. */
export async function createPerson(context: Context, actor: Actor, person: NewAccount): Promise<Person> {
  if (!canCreatePerson(actor, person)) throw new Refusal("FORBIDDEN");
  return toPerson(unwrapAccount(await context.accounts.create(person)));
}
