import type { Person } from "@multichat/protocol";
import { assertConfirmed } from "../access/confirmation.ts";
import { canChangePerson, canSeePeople } from "../access/policies/people.ts";
import { Refusal } from "../access/refusal.ts";
import type { AccountPatch, Actor } from "../accounts/accounts.ts";
import { auditSource } from "../accounts/audit-source.ts";
import type { Context } from "../context.ts";
import { toPerson, unwrapAccount } from "./account-results.ts";
import { assertStrongPassword } from "./choose-password.ts";
import { assertNotReserved } from "./reserved-names.ts";

const OWN_PASSWORD = "Change your own password in your settings (POST /api/me/password): it takes the current one.";

export interface ChangePerson extends AccountPatch {
  /** Id or username. */
  readonly person: string;
}

/**
 * Changes a user's name, flags, activity or password. The accounts' own change events publish it to open connections, because
 * they also cover changes that are made elsewhere (a sign-out, another process). A user whose
 * password is set here has to choose a new one after the next sign-in.
 *
 * @throws Refusal FORBIDDEN, CONFIRMATION_REQUIRED, COMMAND_INVALID, PERSON_NOT_FOUND, USERNAME_TAKEN,
 * USERNAME_CONFUSABLE, USERNAME_RESERVED, LAST_SUPERUSER.
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
  if (changes.password !== undefined && actor.id === account.id) throw new Refusal("FORBIDDEN", OWN_PASSWORD);
  if (!canChangePerson(actor, account, changes)) throw new Refusal("FORBIDDEN");
  assertConfirmed(actor);
  if (changes.username !== undefined && changes.username !== account.username) {
    assertNotReserved(actor, changes.username);
  }
  const { password, passwordChangeRequired } = changes;
  if (password !== undefined) await assertStrongPassword(password, account);
  const changed = unwrapAccount(
    await context.accounts.change(
      account.id,
      {
        ...changes,
        // The person who chose the password knows it, and must not be able to sign in with it for long.
        ...(password === undefined ? {} : { passwordChangeRequired: passwordChangeRequired ?? true }),
      },
      auditSource(actor),
    ),
  );
  await context.broadcasts.flush();
  return toPerson(changed);
}
