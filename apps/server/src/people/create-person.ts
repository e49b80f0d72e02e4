import type { Person } from "@multichat/protocol";
import { canCreatePerson } from "../access/policies/people.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor, NewAccount } from "../accounts/accounts.ts";
import { auditSource } from "../accounts/audit-source.ts";
import type { Context } from "../context.ts";
import { toPerson, unwrapAccount } from "./account-results.ts";
import { assertStrongPassword } from "./choose-password.ts";
import { assertNotReserved } from "./reserved-names.ts";

/**
 * Creates an account.
 * @throws Refusal FORBIDDEN, USERNAME_TAKEN, USERNAME_CONFUSABLE, USERNAME_RESERVED; COMMAND_INVALID for a password that is
 * easy to guess.
 */
export async function createPerson(context: Context, actor: Actor, person: NewAccount): Promise<Person> {
  if (!canCreatePerson(actor, person)) throw new Refusal("FORBIDDEN");
  assertNotReserved(actor, person.username);
  await assertStrongPassword(person.password, person);
  return toPerson(unwrapAccount(await context.accounts.create(person, auditSource(actor))));
}
