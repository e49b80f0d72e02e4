import type { Person } from "@multichat/protocol";
import { canChangePerson, canSeePeople } from "../access/policies/people.ts";
import { Refusal } from "../access/refusal.ts";
import type { AccountPatch, Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { toPerson, unwrapAccount } from "./account-results.ts";

export interface ChangePerson extends AccountPatch {
  /** Id or username. */
  readonly person: string;
}

/**
 * Changes a user's name, flags, activity or password. The accounts' own change events publish it to open connections, because
 * they also cover changes that are made elsewhere (a sign-out, another process).
 *
 * @throws Refusal FORBIDDEN, PERSON_NOT_FOUND, USERNAME_TAKEN, LAST_SUPERUSER.
 */
export async function changePerson(
  context: Context,
  actor: Actor,
  { person, ...changes }: ChangePerson,
): Promise<Person> {
  // Before the look-up, so that an actor who may not see people does not learn who exists.
  if (!canSeePeople(actor)) throw new Refusal("FORBIDDEN");
  const account = await context.accounts.find(person);
  if (account === undefined) throw new Refusal("PERSON_NOT_FOUND");
  if (!canChangePerson(actor, account, changes)) throw new Refusal("FORBIDDEN");
  const changed = unwrapAccount(await context.accounts.change(account.id, changes));
  await context.broadcasts.flush();
  return toPerson(changed);
}
