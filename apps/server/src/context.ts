import type { Limits } from "@multichat/protocol";
import type { Accounts } from "./accounts/accounts.ts";
import type { Broadcasts } from "./fan-out/broadcasts.ts";
import type { Store } from "./store/store.ts";

/** The services that commands work with. Created once, in main/chat.ts. */
export interface Context {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly broadcasts: Broadcasts;
  readonly limits: Limits;
}
