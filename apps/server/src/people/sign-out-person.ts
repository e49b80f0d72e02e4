import { assertConfirmed } from "../access/confirmation.ts";
import { canSeePeople, canSignOutPerson } from "../access/policies/people.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import { auditSource } from "../accounts/audit-source.ts";
import type { Context } from "../context.ts";

/**
 * Ends all sessions of a user.
 *
 * @param person Id or username.
 * @throws Refusal FORBIDDEN, CONFIRMATION_REQUIRED, PERSON_NOT_FOUND.
 */
export async function signOutPerson(
  context: Context,
  actor: Actor,
  { person }: { readonly person: string },
): Promise<void> {
  if (!canSeePeople(actor)) throw new Refusal("FORBIDDEN");
  const account = await context.accounts.find(person);
  if (account === undefined) throw new Refusal("PERSON_NOT_FOUND");
  if (!canSignOutPerson(actor, account)) throw new Refusal("FORBIDDEN");
  assertConfirmed(actor);
  await context.accounts.revokeAll(account.id, undefined, auditSource(actor, { action: "person.sign-out" }));
  await context.broadcasts.flush();
}
