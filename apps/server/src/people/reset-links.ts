import { assertConfirmed } from "../access/confirmation.ts";
import { canCreateResetLink, canSeePeople } from "../access/policies/people.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor, RequestOrigin } from "../accounts/accounts.ts";
import { auditSource } from "../accounts/audit-source.ts";
import type { Context } from "../context.ts";
import { assertStrongPassword } from "./choose-password.ts";

/**
 * Creates the link by which the user of an account chooses a new password, once and within a day, and returns its secret. An earlier link
 * stops working.
 * @throws Refusal FORBIDDEN, CONFIRMATION_REQUIRED, PERSON_NOT_FOUND, PERSON_DEACTIVATED.
 */
export async function createResetLink(
  { accounts }: Pick<Context, "accounts">,
  actor: Actor,
  { person }: { readonly person: string },
): Promise<{ readonly token: string; readonly expiresAt: number }> {
  // Before the look-up, so that an actor who may not see people does not learn who exists.
  if (!canSeePeople(actor)) throw new Refusal("FORBIDDEN");
  const account = await accounts.find(person);
  if (account === undefined) throw new Refusal("PERSON_NOT_FOUND");
  if (!canCreateResetLink(actor, account)) throw new Refusal("FORBIDDEN");
  assertConfirmed(actor);
  if (!account.active) throw new Refusal("PERSON_DEACTIVATED");
  return accounts.links.createResetLink(account.id, auditSource(actor));
}

/** Returns whose password the link resets. @throws Refusal LINK_INVALID, whatever the reason. */
export async function readResetLink(
  { accounts }: Pick<Context, "accounts">,
  { token }: { readonly token: string },
): Promise<{ readonly username: string }> {
  const link = await accounts.links.findResetLink(token);
  if (link === undefined) throw new Refusal("LINK_INVALID");
  return { username: link.username };
}

/**
 * Sets the password of the link's account and ends all its sessions.
 * @returns the name of the account.
 * @throws Refusal LINK_INVALID; COMMAND_INVALID for a password that is easy to guess.
 */
export async function resetPassword(
  context: Pick<Context, "accounts" | "broadcasts">,
  { token, password }: { readonly token: string; readonly password: string },
  origin: RequestOrigin,
): Promise<{ readonly username: string }> {
  const { username } = await readResetLink(context, { token });
  await assertStrongPassword(password, { username });
  const by = { actor: null, address: origin.address, request: origin.request };
  if (!(await context.accounts.links.resetPassword(token, password, by))) throw new Refusal("LINK_INVALID");
  await context.broadcasts.flush();
  return { username };
}
