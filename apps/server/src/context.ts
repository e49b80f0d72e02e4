import type { Limits } from "@multichat/protocol";
import type { Accounts } from "./accounts/accounts.ts";
import type { Broadcasts } from "./fan-out/broadcasts.ts";
import type { Store } from "./store/store.ts";

/** What searches are charged to. */
export interface SearchCharges {
  /** @throws Refusal RATE_LIMITED where the user's searches have taken too long. */
  assertAllowed(user: string): void;
  charge(user: string, tookMs: number): void;
}

/** The services that commands work with. Created once, in main/chat.ts. */
export interface Context {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly broadcasts: Broadcasts;
  readonly limits: Limits;
  /** How long each user's searches have taken. */
  readonly searchTimes: SearchCharges;
}
