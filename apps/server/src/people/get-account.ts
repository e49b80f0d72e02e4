import type { Author } from "@multichat/protocol";
import { Refusal } from "../access/refusal.ts";
import type { Account, Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** Returns the account with an id or username, active or not. @throws Refusal PERSON_NOT_FOUND. */
export async function getAccount({ accounts }: Pick<Context, "accounts">, person: string): Promise<Account> {
  const account = await accounts.find(person);
  if (account === undefined) throw new Refusal("PERSON_NOT_FOUND");
  return account;
}

export function isSelf(actor: Pick<Actor, "id">, account: Pick<Account, "id">): boolean {
  return actor.id === account.id;
}

/** Returns the part of an account that other users may see. */
export function toAuthor({ id, username }: Author): Author {
  return { id, username };
}
