import type { Me, Person } from "@multichat/protocol";
import { Refusal } from "../access/refusal.ts";
import type { Account, AccountRefusal } from "../accounts/accounts.ts";

const CODES = {
  taken: "USERNAME_TAKEN",
  confusable: "USERNAME_CONFUSABLE",
  "last-superuser": "LAST_SUPERUSER",
  unknown: "PERSON_NOT_FOUND",
} as const satisfies Record<AccountRefusal, string>;

/** Returns the account of a successful change. @throws Refusal for a change that was not made. */
export function unwrapAccount(result: Account | AccountRefusal): Account {
  if (typeof result === "string") throw new Refusal(CODES[result]);
  return result;
}

/** Returns the part of an account that its user may see. */
export function toMe(account: Account): Me {
  const { id, username, email, staff, superuser, passwordChangeRequired } = account;
  const me = { id, username, email, staff, superuser };
  return passwordChangeRequired ? { ...me, passwordChangeRequired } : me;
}

/** Returns the part of an account that staff may see. */
export function toPerson(account: Account): Person {
  const { active, createdAt } = account;
  return { ...toMe(account), active, createdAt };
}
