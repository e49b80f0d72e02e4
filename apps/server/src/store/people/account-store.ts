import type { Dialect } from "kysely";
import type { NewAuditEntry } from "../audit/audit-log.ts";
import type { ChangeSource, StoreChange } from "../change-feed/store-change.ts";
import type { Methods } from "../database/operation.ts";
import type { accountOperations } from "./operations.ts";

export type { PersonRow } from "./person.ts";
export type { ActiveSession } from "./session.ts";

/** The stored accounts and sessions, for `Accounts` alone. */
export interface AccountStore extends Methods<typeof accountOperations> {
  /**
   * Runs the statements of the accounts library as operations of the store. It has no transactions.
   *
   * @param auditInsert returns the entry of a row that the library inserts into a table, which is added in one transaction with
   * the row; undefined for one that is not recorded.
   */
  openDialect(auditInsert: AuditInsert): Dialect;

  /**
   * Notifies of each change of people and sessions, after its commit and before its promise resolves. `isOwn`: by this
   * process.
   *
   * @returns a function that removes the listener.
   */
  onChange(listener: AccountListener): () => void;
}

/** Returns the entry for a row that is inserted into the table. */
export type AuditInsert = (table: string) => NewAuditEntry | undefined;

export type AccountListener = (change: StoreChange, source: ChangeSource) => void;
