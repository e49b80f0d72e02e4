import type { Limits } from "@multichat/protocol";
import type { Accounts } from "../accounts/accounts.ts";
import type { Broadcasts } from "../broadcasts/broadcasts.ts";
import type { Store } from "../store/store.ts";
import type { PeopleHere } from "./people-here.ts";

export type { Actor } from "../accounts/accounts.ts";

/** What a command works with. Made once, in main.ts. */
export interface Context {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly broadcasts: Broadcasts;
  readonly here: PeopleHere;
  readonly limits: Limits;
  readonly notifyOnEnterOrLeave: boolean;
}
