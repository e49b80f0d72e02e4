import type { Person } from "@multichat/protocol";
import { canCreatePerson } from "../access/policies/people.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor, NewAccount } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { toPerson, unwrapAccount } from "./account-results.ts";
import { assertStrongPassword } from "./choose-password.ts";

/** Creates an account. @throws Refusal FORBIDDEN, USERNAME_TAKEN, COMMAND_INVALID for a password that is easy to guess. */
export async function createPerson(context: Context, actor: Actor, person: NewAccount): Promise<Person> {
  if (!canCreatePerson(actor, person)) throw new Refusal("FORBIDDEN");
  await assertStrongPassword(person.password, person);
  return toPerson(unwrapAccount(await context.accounts.create(person)));
}
