import { search, write } from "../database/operation.ts";
import { appendAudit, readAudit, takeOperatorEntries } from "./audit-log.ts";
import { verifyAudit } from "./verify-audit.ts";

export const auditOperations = {
  append: write(appendAudit),
  /** Returns the operator's entries since the last call, and how many older ones were left out. */
  takeOperatorEntries: write(takeOperatorEntries),
  // In the thread of the searches: a filter that hardly any entry matches reads the whole log.
  /** Returns the entries that match, newest first. */
  read: search(readAudit),
  verify: search(verifyAudit),
};
