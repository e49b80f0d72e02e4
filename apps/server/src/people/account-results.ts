import type { Person } from "@multichat/protocol";
import { Refusal } from "../access/refusal.ts";
import type { Account, AccountRefusal } from "../accounts/accounts.ts";

const CODES = {
  taken: "USERNAME_TAKEN",
  "last-superuser": "LAST_SUPERUSER",
  unknown: "PERSON_NOT_FOUND",
} as const satisfies Record<AccountRefusal, string>;

/** @throws Refusal where the accounts said no. */
export function unwrapAccount(answer: Account | AccountRefusal): Account {
  if (typeof answer === "string") throw new Refusal(CODES[answer]);
  return answer;
}

/** An account as staff see it: exactly these members, whatever the account carries besides. */
export function toPerson(account: Account): Person {
  const { id, username, email, staff, superuser, active, createdAt } = account;
  return { id, username, email, staff, superuser, active, createdAt };
}
